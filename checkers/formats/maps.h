// Readers of the formats that are made of operation maps, and of Jepsen's log.
#pragma once

#include "checkers/formats/format.h"
#include "checkers/formats/syntax/source.h"

namespace tidemark::checkers {

/// A vector or a list of maps, or maps one after the other. `texts`: every append is to a text (kv).
History read_edn(const Source& source, bool texts, ReadSummary& summary);
/// An array of objects, or one object per line. An array has less than 4 GiB.
History read_operation_json(const Source& source, ReadSummary& summary);
/// "INFO  jepsen.util - 3<TAB>:invoke<TAB>:write<TAB>4"; lines of other loggers are counted and left out.
History read_jepsen_log(const Source& source, ReadSummary& summary);

}  // namespace tidemark::checkers
