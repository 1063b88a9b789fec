// Who uses Northwind's dashboard: staff who look, search and take orders; and the first client, its administrator, who
// now and then imports a dump, exports, or makes a slip and goes back in time.
#pragma once

#include <cstdint>
#include <memory>

#include "model/protocol/user.h"
#include "model/types/options.h"

namespace tidemark::model::northwind {

std::unique_ptr<User> make_user(ClientPlace place, const WorkloadOptions& options);

/// Rows of a page of a list.
inline constexpr std::int64_t kPageRows = 20;

}  // namespace tidemark::model::northwind
