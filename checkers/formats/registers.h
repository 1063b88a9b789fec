// Readers of the formats that know registers only: Plume, AWDIT, dbcop. They have no real time.
//
// In Plume and AWDIT the value 0 is the initial state of a key, unless the file writes 0 to that key.
#pragma once

#include "checkers/formats/format.h"
#include "checkers/formats/syntax/source.h"

namespace tidemark::checkers {

/// "w(key,value,session,transaction)"; transaction -1: aborted. Neighbouring aborted lines of a session are one
/// transaction. Lines of a transaction need not be neighbours; transactions are ordered by their first line.
History read_plume(const Source& source, ReadSummary& summary);
/// "w key value"; a line of "-" ends a transaction, one of "=" a session.
History read_awdit(const Source& source, ReadSummary& summary);
/// The array of sessions, or the object around it whose "data" it is. A transaction that is not committed is a failed
/// one.
History read_dbcop_json(const Source& source, ReadSummary& summary);
/// "[x:=1 y==2] [z==?]!", "---" between sessions, "//" before remarks.
History read_dbcop_text(const Source& source, ReadSummary& summary);

}  // namespace tidemark::checkers
