// The formats of histories, ours and other people's, and how a file becomes a History.
//
// A reader either returns a History that can be judged or throws HistoryError with the file, the line and the column of
// the first mistake. What a format carries and a History does not is left out and counted in ReadSummary: nothing
// vanishes silently. docs/history_formats.md describes each format and every rule of interpretation.
//
// Files are mapped, not copied. Nothing is allocated on the strength of a number in the file; besides the History
// itself a reader takes at most 32 bytes per micro-operation, 56 per transaction, and one record (kMostRecordBytes) in
// parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "checkers/history/history_io.h"
#include "checkers/record/history.h"

namespace tidemark::checkers {

enum class Format : std::uint8_t {
  kTidemark,   // our JSON Lines, docs/history_format.md
  kEdn,        // operation maps of Jepsen
  kJson,       // the same as JSON: elle-cli
  kJepsenLog,  // lines of Jepsen's logger, as in Porcupine's test data
  kKv,         // operation maps with :key, put, append and get of texts: Porcupine's test data
  kPlume,      // w(key,value,session,transaction): Plume, PolySI
  kAwdit,      // "w key value" with --- and ===
  kDbcopJson,
  kDbcopText,
};
inline constexpr Format kFormats[] = {Format::kTidemark,  Format::kEdn,       Format::kJson,
                                      Format::kJepsenLog, Format::kKv,        Format::kPlume,
                                      Format::kAwdit,     Format::kDbcopJson, Format::kDbcopText};

/// As `--format` names them: "jsonl", "edn", "json", "jepsen-log", "kv", "plume", "awdit", "dbcop-json", "dbcop-text".
const char* to_text(Format format);
/// The format of this name ("tidemark" is another name of "jsonl"); none for other names.
std::optional<Format> find_format(std::string_view name);

/// By what the text begins with, then by the ending of the path; none when neither tells. `head`: the first bytes of
/// the file, some hundreds are enough.
std::optional<Format> guess_format(std::string_view path, std::string_view head);
/// The same; reads the head of the file. Throws HistoryError when it cannot be opened, is no regular file (a pipe would
/// lose its head) or its format cannot be told.
Format guess_format(const std::string& path);

inline constexpr std::size_t kMostRecordBytes = kMaxLineBytes;  // one operation, or one line
inline constexpr unsigned kMostNested = 64;                     // of brackets in each other
inline constexpr std::uint32_t kMostValues = 1U << 22;          // in one record

/// What a reader saw and left out.
struct ReadSummary {
  std::uint64_t records = 0;              // of operations: lines, maps, micro-operations of the text formats
  std::uint64_t others = 0;               // records of processes that are no clients (a nemesis): ignored
  std::uint64_t foreign_lines = 0;        // jepsen-log: lines of other loggers
  std::uint64_t without_invocation = 0;   // completions that were taken for instants
  std::uint64_t still_open = 0;           // invocations that nothing completes: outcome unknown
  std::uint64_t repeated_elements = 0;    // of reads of sets: counted once
  std::uint64_t conflicting_inserts = 0;  // jsonl: inserts that found their row; a History has no such event
  bool without_process = false;           // each operation was taken for a session of its own
};

/// Throw HistoryError.
History read_history_file(const std::string& path, Format format, ReadSummary* summary = nullptr);
/// `name` stands for the file in messages.
History read_history_text(const std::string& name, std::string_view text, Format format,
                          ReadSummary* summary = nullptr);

}  // namespace tidemark::checkers
