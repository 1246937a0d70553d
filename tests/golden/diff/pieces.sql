-- What of each feature was kept, lost, gained or went to another feature, measured by PostGIS.
-- Variables of psql: old, new (paths that the server reads), srid and proj4 (the equal-area
-- projection, which spatial_ref_sys does not know yet).
-- Overlays are done in EPSG:4326; areas in the projection, lengths on the ellipsoid.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned

INSERT INTO spatial_ref_sys (srid, proj4text) VALUES (:srid, :'proj4') ON CONFLICT DO NOTHING;

CREATE FUNCTION pg_temp.features(document jsonb) RETURNS TABLE (id text, said jsonb, shape geometry)
LANGUAGE sql AS $$
  SELECT feature -> 'properties' ->> 'id', feature -> 'properties',
         ST_SetSRID(ST_GeomFromGeoJSON(nullif(feature -> 'geometry', 'null'::jsonb)), 4326)
  FROM jsonb_array_elements(document -> 'features') AS feature
$$;

-- Square kilometres of the polygons of a shape, kilometres of its lines if it has no polygon.
CREATE FUNCTION pg_temp.size(shape geometry, dimension integer, srid integer) RETURNS float8
LANGUAGE sql AS $$
  SELECT CASE dimension
    WHEN 2 THEN ST_Area(ST_Transform(ST_CollectionExtract(shape, 3), srid)) / 1e6
    WHEN 1 THEN ST_Length(ST_CollectionExtract(shape, 2)::geography) / 1e3
    ELSE 0 END
$$;

-- A shape without others; a missing shape covers nothing.
CREATE FUNCTION pg_temp.less(shape geometry, others geometry) RETURNS geometry
LANGUAGE sql AS $$ SELECT CASE WHEN others IS NULL THEN shape ELSE ST_Difference(shape, others) END $$;

CREATE TEMP TABLE old AS SELECT * FROM pg_temp.features(pg_read_file(:'old')::jsonb);
CREATE TEMP TABLE new AS SELECT * FROM pg_temp.features(pg_read_file(:'new')::jsonb);

CREATE TEMP TABLE pairs AS
SELECT coalesce(old.id, new.id) AS id, old.shape AS before, new.shape AS after,
       greatest(ST_Dimension(old.shape), ST_Dimension(new.shape)) AS dimension,
       CASE WHEN ST_Dimension(old.shape) = 0 AND ST_Dimension(new.shape) = 0
            THEN ST_Distance(old.shape::geography, new.shape::geography) / 1e3 END AS moved_km,
       pg_temp.less(old.shape, new.shape) AS lost, pg_temp.less(new.shape, old.shape) AS gained,
       ST_Intersection(old.shape, new.shape) AS kept
FROM old FULL JOIN new USING (id);

-- What one feature lost and another gained. Features that overlap may pass the same ground
-- to several others: each pair is measured by itself.
CREATE TEMP TABLE passed AS
SELECT a.id AS from_id, b.id AS to_id, a.dimension, ST_Intersection(a.lost, b.gained) AS shape
FROM pairs AS a JOIN pairs AS b ON a.id <> b.id AND a.dimension = b.dimension
 AND a.lost && b.gained AND ST_Intersects(a.lost, b.gained);

-- What an old shape of one feature and a new shape of the same or another have in common.
CREATE TEMP TABLE common AS
SELECT a.id AS from_id, b.id AS to_id,
       pg_temp.size(ST_Intersection(a.before, b.after), a.dimension, :srid) AS size
FROM pairs AS a JOIN pairs AS b ON a.dimension = b.dimension AND ST_Intersects(a.before, b.after);

-- Edges are straight in degrees: a piece is cut by whole shapes, never by another piece, so that
-- both programs project the same vertices.
CREATE TEMP TABLE sizes AS
SELECT id,
  pg_temp.size(before, dimension, :srid) AS old, pg_temp.size(after, dimension, :srid) AS new,
  coalesce(pg_temp.size(kept, dimension, :srid), 0) AS kept,
  coalesce(pg_temp.size(lost, dimension, :srid), 0) AS lost_in_all,
  coalesce(pg_temp.size(gained, dimension, :srid), 0) AS gained_in_all,
  coalesce(pg_temp.size(pg_temp.less(lost, (
    SELECT ST_Union(other.after) FROM passed JOIN pairs AS other ON other.id = to_id
    WHERE from_id = pairs.id)), dimension, :srid), 0) AS lost,
  coalesce(pg_temp.size(pg_temp.less(gained, (
    SELECT ST_Union(other.before) FROM passed JOIN pairs AS other ON other.id = from_id
    WHERE to_id = pairs.id)), dimension, :srid), 0) AS gained,
  moved_km, CASE dimension WHEN 2 THEN 'area_km2' WHEN 1 THEN 'length_km' END AS unit
FROM pairs;

SELECT json_build_object(
  'features', (SELECT json_agg(sizes ORDER BY id) FROM sizes),
  'transferred', (
    SELECT coalesce(json_agg(passed ORDER BY from_id, to_id), '[]'::json)
    FROM (SELECT from_id, to_id, pg_temp.size(shape, dimension, :srid) AS size FROM passed
          WHERE pg_temp.size(shape, dimension, :srid) > 0) AS passed),
  'common', (
    SELECT coalesce(json_agg(common ORDER BY from_id, to_id), '[]'::json)
    FROM common WHERE size > 0),
  'rows', json_build_object(
    'deleted', (SELECT coalesce(json_agg(old.id ORDER BY old.id), '[]'::json) FROM old
      WHERE NOT EXISTS (SELECT FROM new WHERE new.said = old.said
        AND (new.shape IS NULL AND old.shape IS NULL OR ST_Equals(new.shape, old.shape)))),
    'added', (SELECT coalesce(json_agg(new.id ORDER BY new.id), '[]'::json) FROM new
      WHERE NOT EXISTS (SELECT FROM old WHERE new.said = old.said
        AND (new.shape IS NULL AND old.shape IS NULL OR ST_Equals(new.shape, old.shape))))));
