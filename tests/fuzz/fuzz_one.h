// What every fuzzed text has to stand: read, written in other formats, read again.
#pragma once

#include <cstdint>
#include <string_view>

#include "checkers/formats/format.h"

namespace tidemark::checkers {

/// Whatever the text is, a reader gives a history or throws HistoryError. A history that can be written is written the
/// same once it was read again. True when the text was a history. Ends the program when something else happens.
bool fuzz_one(Format format, std::string_view text);

}  // namespace tidemark::checkers
