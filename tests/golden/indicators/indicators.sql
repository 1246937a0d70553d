-- Every indicator that SQL can work out, on one day, from the files of the published editions.
-- Variables of psql: day, srid, proj4, and a path that the server reads for each layer: cities,
-- districts, corridors, belts, metropolitan, lines, stations, settlements.
-- Vertices are projected first; everything is overlaid and measured in that plane. Lengths are
-- taken on the ellipsoid. The day must not lie in a month or year in which a row may have begun or
-- ended: rows are chosen by their days alone.
\set ON_ERROR_STOP on
\set QUIET on
\pset tuples_only on
\pset format unaligned

INSERT INTO spatial_ref_sys (srid, proj4text) VALUES (:srid, :'proj4') ON CONFLICT DO NOTHING;

CREATE FUNCTION pg_temp.rows(document jsonb, srid integer)
RETURNS TABLE (about jsonb, id text, degrees geometry, shape geometry)
LANGUAGE sql AS $$
  SELECT feature -> 'properties', feature -> 'properties' ->> 'id', degrees,
         ST_Transform(degrees, srid)
  FROM jsonb_array_elements(document -> 'features') AS list (feature),
       LATERAL (SELECT ST_SetSRID(ST_GeomFromGeoJSON(NULLIF(feature -> 'geometry', 'null')), 4326)
                AS degrees) AS read
$$;

-- Rows whose period holds a day, and of those the ones that are in force.
CREATE FUNCTION pg_temp.holds(about jsonb, asked text) RETURNS boolean
LANGUAGE sql AS $$
  SELECT coalesce(about ->> 'valid_from', '') <= asked
     AND coalesce(about ->> 'valid_to', '9999') > asked
$$;

CREATE TEMP TABLE cities AS
  SELECT * FROM pg_temp.rows(pg_read_file(:'cities')::jsonb, :srid);
CREATE TEMP TABLE districts AS
  SELECT * FROM pg_temp.rows(pg_read_file(:'districts')::jsonb, :srid);
CREATE TEMP TABLE settlements AS
  SELECT * FROM pg_temp.rows(pg_read_file(:'settlements')::jsonb, :srid);
CREATE TEMP TABLE plans AS
  SELECT 'corridor' AS layer, * FROM pg_temp.rows(pg_read_file(:'corridors')::jsonb, :srid)
  UNION ALL
  SELECT 'belt', * FROM pg_temp.rows(pg_read_file(:'belts')::jsonb, :srid)
  UNION ALL
  SELECT 'metropolitan', * FROM pg_temp.rows(pg_read_file(:'metropolitan')::jsonb, :srid);
CREATE TEMP TABLE tracks AS
  SELECT * FROM pg_temp.rows(pg_read_file(:'lines')::jsonb, :srid);
CREATE TEMP TABLE stops AS
  SELECT * FROM pg_temp.rows(pg_read_file(:'stations')::jsonb, :srid);

CREATE TEMP TABLE force AS
  SELECT * FROM plans
  WHERE pg_temp.holds(about, :'day') AND about ->> 'status' = 'in-force';
CREATE TEMP TABLE open_lines AS
  SELECT *, about ->> 'category' AS category, (about ->> 'design_speed_kmh')::numeric AS kmh
  FROM tracks WHERE pg_temp.holds(about, :'day') AND about ->> 'status' = 'in-force';
CREATE TEMP TABLE open_stations AS
  SELECT DISTINCT ON (id) id, shape, about ->> 'city' AS city
  FROM stops WHERE pg_temp.holds(about, :'day') AND about ->> 'status' = 'in-force';
CREATE TEMP TABLE today AS
  SELECT * FROM cities WHERE pg_temp.holds(about, :'day');

CREATE TEMP TABLE covered AS
  SELECT layer, ST_Union(shape) AS shape FROM force WHERE shape IS NOT NULL GROUP BY layer;
CREATE TEMP TABLE features AS
  SELECT layer, id, ST_Union(shape) AS shape FROM force WHERE shape IS NOT NULL GROUP BY layer, id;

-- Residents: districts of the census day, and the people whom the census counts apart from them.
CREATE TEMP TABLE residents AS
  SELECT id, shape, (about ->> 'census_2020')::numeric AS people FROM districts
  WHERE pg_temp.holds(about, '2020-11-01') AND about ->> 'census_2020' IS NOT NULL
  UNION ALL
  SELECT id, shape, (about ->> 'census_apart')::numeric FROM cities
  WHERE pg_temp.holds(about, '2020-11-01') AND (about ->> 'census_apart')::numeric > 0;
CREATE TEMP TABLE living AS
  SELECT layer, sum(people * ST_Area(ST_Intersection(r.shape, c.shape)) / ST_Area(r.shape)) AS inside
  FROM residents AS r CROSS JOIN covered AS c GROUP BY layer;

-- City and corridor: what they share, unless it is a sliver.
CREATE TEMP TABLE held AS
  SELECT c.id AS city, f.id AS corridor
  FROM today AS c
  JOIN force AS f ON f.layer = 'corridor' AND ST_Intersects(c.shape, f.shape)
  CROSS JOIN LATERAL (SELECT ST_Intersection(c.shape, f.shape) AS shape) AS s
  WHERE ST_Area(s.shape) > 0
    AND NOT (ST_Area(s.shape) < 0.01 * ST_Area(c.shape)
             AND ST_Area(s.shape) < 0.01 * ST_Area(f.shape)
             AND 2 * ST_Area(s.shape) / ST_Perimeter(s.shape)
                 < greatest((c.about ->> 'accuracy_m')::numeric, (f.about ->> 'accuracy_m')::numeric));

-- Which line stops in which city: by the column of the stations, and by where they lie.
CREATE TEMP TABLE calls AS
  SELECT l.id AS line, l.kmh, l.category, s.id AS station, s.city,
         (SELECT c.id FROM today AS c WHERE ST_Intersects(c.shape, s.shape) LIMIT 1) AS lies_in
  FROM open_lines AS l
  CROSS JOIN LATERAL jsonb_array_elements_text(l.about -> 'stations') AS named (station)
  JOIN open_stations AS s ON s.id = named.station;

CREATE TEMP TABLE zone AS
  SELECT ST_Union(shape) AS shape FROM force
  WHERE layer = 'belt'
    AND ((id = 'demonstration-zone' AND about ->> 'part' = 'whole')
      OR (id = 'xinan-qiandao' AND about ->> 'part' = 'cooperation-area'));

SELECT jsonb_build_object(
  'metropolitan-overlap', (
    SELECT ST_Area(ST_Union(ST_Intersection(a.shape, b.shape))) / 1e6
    FROM features AS a JOIN features AS b ON a.layer = b.layer AND a.id < b.id
    WHERE a.layer = 'metropolitan'),
  'metropolitan-population', (SELECT inside FROM living WHERE layer = 'metropolitan'),
  'cooperation-zone-districts', (
    SELECT count(*) FROM districts AS d, zone
    WHERE pg_temp.holds(d.about, :'day')
      AND ST_Area(ST_Intersection(d.shape, zone.shape)) >= 0.5 * ST_Area(d.shape)
      AND EXISTS (
        SELECT FROM districts AS o
        WHERE pg_temp.holds(o.about, :'day') AND o.about ->> 'province' <> d.about ->> 'province'
          AND ST_Intersects(o.shape, d.shape)
          AND ST_Length(ST_Intersection(ST_Boundary(o.shape), ST_Boundary(d.shape))) > 0)),
  'pairs-sharing-a-corridor', (
    SELECT count(DISTINCT (a.city, b.city)) FROM held AS a
    JOIN held AS b ON a.corridor = b.corridor AND a.city < b.city),
  'rail-kilometres', (
    SELECT sum(ST_Length(degrees::geography)) / 1e3 FROM open_lines
    WHERE category IN ('high-speed', 'intercity', 'mixed')),
  'suburban-kilometres', (
    SELECT sum(ST_Length(degrees::geography)) / 1e3 FROM open_lines
    WHERE category IN ('suburban', 'metro')),
  'cross-city-suburban-kilometres', (
    SELECT sum(ST_Length(degrees::geography)) / 1e3 FROM open_lines AS l
    WHERE category IN ('suburban', 'metro')
      AND (SELECT count(DISTINCT city) FROM calls AS c WHERE c.line = l.id) > 1),
  'stations-in-operation', (SELECT count(DISTINCT station) FROM calls),
  'cities-with-high-speed', (SELECT count(DISTINCT city) FROM calls WHERE kmh >= 250),
  'pairs-with-direct-line', (
    SELECT count(DISTINCT (a.lies_in, b.lies_in)) FROM calls AS a
    JOIN calls AS b ON a.line = b.line AND a.lies_in < b.lies_in),
  'corridor-area', (SELECT ST_Area(shape) / 1e6 FROM covered WHERE layer = 'corridor'),
  'residents-in-corridors', (
    SELECT inside / (SELECT sum(people) FROM residents) FROM living WHERE layer = 'corridor'),
  'settlement-residents-in-corridors', (
    SELECT sum(people) FILTER (WHERE inside) / sum(people)
    FROM (SELECT (s.about ->> 'population')::numeric AS people,
                 ST_Covers((SELECT shape FROM covered WHERE layer = 'corridor'), s.shape) AS inside
          FROM settlements AS s
          WHERE (s.about ->> 'population')::numeric > 0
            AND s.about ->> 'population_fault_en' IS NULL) AS known),
  'belt-area', (SELECT ST_Area(shape) / 1e6 FROM covered WHERE layer = 'belt'),
  'belt-area-crossed-by-rail', (
    SELECT ST_Area(ST_Intersection(
             (SELECT shape FROM covered WHERE layer = 'belt'),
             (SELECT ST_Union(ST_Buffer(shape, 1000, 'quad_segs=64')) FROM open_lines))) / 1e6),
  'corridor-belt-conflict', (
    SELECT ST_Area(ST_Intersection(a.shape, b.shape)) / 1e6 FROM covered AS a, covered AS b
    WHERE a.layer = 'corridor' AND b.layer = 'belt'),
  'plan-versions-in-force', (
    SELECT count(DISTINCT (layer, id, about ->> 'plan_version')) FROM force),
  'sourced-share', (
    SELECT avg(CASE WHEN (about ->> 'sourced')::boolean
                     AND jsonb_array_length(about -> 'unsourced') = 0 THEN 1.0 ELSE 0.0 END)
    FROM force)
);
