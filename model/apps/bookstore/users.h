// The users of the bookstore: customers, one member of the staff, and the stream worker.
//
// The stream worker is a process like any other client: it asks for the next orders of the log, adds their sales up in
// its memory, and sends them with the position they end at. A crash loses what it has in memory; it then begins where
// the database says that it was.
#pragma once

#include <memory>

#include "model/protocol/user.h"
#include "model/types/options.h"

namespace tidemark::model::bookstore {

/// Numbers of the clients that are no customers.
inline constexpr std::uint32_t kStreamWorker = 0;
inline constexpr std::uint32_t kStaff = 1;

/// `options` is copied from; nothing of it is kept.
std::unique_ptr<User> user_of(ClientPlace place, const WorkloadOptions& options);

}  // namespace tidemark::model::bookstore
