-- How much of each thing lies in each zone, measured by PostGIS.
-- Variables of psql: zones, things (paths that the server reads), srid and proj4 (the equal-area
-- projection, which spatial_ref_sys does not know yet).
-- The vertices are projected first; everything is overlaid and measured in that plane. Lengths are
-- told twice: in the plane, and on the ellipsoid (of the pieces, projected back).
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned

INSERT INTO spatial_ref_sys (srid, proj4text) VALUES (:srid, :'proj4') ON CONFLICT DO NOTHING;

CREATE FUNCTION pg_temp.features(document jsonb, srid integer)
RETURNS TABLE (place bigint, id text, shape geometry)
LANGUAGE sql AS $$
  SELECT place, feature -> 'properties' ->> 'id',
         ST_Transform(ST_SetSRID(ST_GeomFromGeoJSON(feature -> 'geometry'), 4326), srid)
  FROM jsonb_array_elements(document -> 'features') WITH ORDINALITY AS list (feature, place)
$$;

-- What of a shape has the dimension that is asked for, as JSON without what does not apply.
CREATE FUNCTION pg_temp.size(shape geometry, dimension integer) RETURNS jsonb
LANGUAGE sql AS $$
  SELECT CASE dimension
    WHEN 2 THEN jsonb_build_object('area_km2', ST_Area(shape) / 1e6)
    WHEN 1 THEN jsonb_build_object(
      'plane_km', ST_Length(ST_CollectionExtract(shape, 2)) / 1e3,
      'length_km', ST_Length(ST_Transform(ST_CollectionExtract(shape, 2), 4326)::geography) / 1e3)
    ELSE '{}' END
$$;

CREATE TEMP TABLE zones AS SELECT * FROM pg_temp.features(pg_read_file(:'zones')::jsonb, :srid);
CREATE TEMP TABLE things AS SELECT * FROM pg_temp.features(pg_read_file(:'things')::jsonb, :srid);

-- Every zone and thing with a common point. They overlap if what they share has the dimension of
-- the thing; otherwise they touch.
CREATE TEMP TABLE shared AS
SELECT z.place AS zone_place, z.id AS zone, t.place AS thing_place, t.id AS thing,
       ST_Dimension(t.shape) AS dimension, s.shape,
       ST_CoveredBy(t.shape, z.shape) AS within,
       CASE WHEN ST_Dimension(t.shape) = 1
            THEN ST_Length(ST_Intersection(ST_Boundary(z.shape), t.shape)) / 1e3 END AS border_km,
       CASE ST_Dimension(t.shape)
            WHEN 2 THEN ST_Area(s.shape) > 0
            WHEN 1 THEN ST_Length(s.shape) > 0
            ELSE z.place = min(z.place) OVER (PARTITION BY t.place) END AS overlap
FROM zones AS z JOIN things AS t ON ST_Intersects(z.shape, t.shape)
CROSS JOIN LATERAL (SELECT ST_Intersection(z.shape, t.shape) AS shape) AS s;

-- What of each thing lies in no zone.
CREATE TEMP TABLE outside AS
SELECT t.place, t.id, ST_Dimension(t.shape) AS dimension, t.shape,
       ST_Difference(t.shape, (SELECT ST_Union(shape) FROM zones)) AS rest
FROM things AS t;

-- What of each zone all things together cover: nothing counts twice.
CREATE TEMP TABLE covered AS
SELECT z.place, z.id, ST_Area(z.shape) / 1e6 AS area_km2,
       (SELECT max(ST_Dimension(shape)) FROM things) AS dimension,
       ST_Intersection(z.shape, (SELECT ST_Union(shape) FROM things)) AS shape
FROM zones AS z;

SELECT jsonb_build_object(
  'zones', (SELECT jsonb_agg(jsonb_build_object(
      'zone', id, 'area_km2', area_km2, 'covered', pg_temp.size(shape, dimension))
      ORDER BY place) FROM covered),
  'things', (SELECT jsonb_agg(jsonb_build_object('thing', id) || pg_temp.size(shape, dimension)
      || jsonb_build_object('outside', pg_temp.size(rest, dimension)) ORDER BY place) FROM outside),
  'overlaps', (SELECT coalesce(jsonb_agg(
      jsonb_build_object('zone', zone, 'thing', thing, 'within', within)
      || pg_temp.size(shape, dimension)
      || jsonb_strip_nulls(jsonb_build_object('border_km', border_km))
      ORDER BY zone_place, thing_place), '[]') FROM shared WHERE overlap),
  'touching', (SELECT coalesce(jsonb_agg(jsonb_build_array(zone, thing)
      ORDER BY zone_place, thing_place), '[]') FROM shared WHERE NOT overlap));
