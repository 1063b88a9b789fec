// Edge cache: a catalogue of items behind a read-only API whose answers every PoP keeps (docs/apps/edge_cache.md).
//
//   item(id), list(category), newest()   the pages (pages.h): from the PoP's cache, else from the database
//   rename(item, name)                   a write that goes through the cache
//   add(item, category, name)            likewise; a known item stays as it is
//   relabel(category, label)             a write that passes by the cache, as a script of the developer's would
//   purge(kind, name, ...)               what PoPs tell each other (edge_pop.h); users do not
//
// `workload.keys` items to begin with, four to a category; [cache] says when a kept answer is served.
#pragma once

#include "model/apps/application.h"

namespace tidemark::model {

inline constexpr std::string_view kEdgeCache = "edge-cache";

ApplicationInfo edge_cache_application();

}  // namespace tidemark::model
