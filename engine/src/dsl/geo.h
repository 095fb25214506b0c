// Points and boxes on the map, as queries and aggregations take them: always written out, never
// looked up.
#pragma once

#include "dsl/rules.h"
#include "dsl/walk.h"

namespace weir {

/// A point: `"lat,lon"`, a geohash, WKT, `[lon, lat]`, `{"lat","lon"}` or `{"geohash"}`.
bool walk_geo_point(Walk& walk);

/// A point, or an array of points.
bool walk_geo_points(Walk& walk);

/// A shape as GeoJSON or WKT.
bool walk_geo_shape(Walk& walk);

/// A box by its corners, its edges or WKT; an unknown key fails with `unknown`.
bool walk_geo_box(Walk& walk, DenyCode unknown);

}  // namespace weir
