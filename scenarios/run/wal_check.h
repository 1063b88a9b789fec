// Is a WAL file well formed? Judged from its bytes alone, after the document "WAL-mode File Format" of sqlite.org: its
// own reading of the format, so that a mistake of the model's writer or scanner is not repeated here.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace tidemark::scenarios {

/// The first thing that is wrong with a WAL that ends with its last visible transaction; empty when nothing is. Right
/// are: magic, version, page size and checksum of the header; in every frame the header's salts, a page number, and a
/// checksum that continues the chain; the end of a transaction at the end of the file. A WAL without bytes is well
/// formed. `page_size` is that of the database file.
std::string wal_problem(std::span<const std::byte> wal, std::size_t page_size);

}  // namespace tidemark::scenarios
