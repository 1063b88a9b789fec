#include "checkers/formats/format.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "checkers/formats/maps.h"
#include "checkers/formats/registers.h"
#include "checkers/formats/syntax/source.h"
#include "checkers/formats/tidemark.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kHeadBytes = 4096;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Without white space, remarks and the mark of byte order at its beginning.
std::string_view content(std::string_view head) {
  if (head.substr(0, 3) == "\xef\xbb\xbf") head.remove_prefix(3);
  for (;;) {
    const std::size_t first = head.find_first_not_of(" \t\r\n,");
    if (first == std::string_view::npos) return {};
    head.remove_prefix(first);
    if (head[0] != ';' && head.substr(0, 2) != "//") return head;
    const std::size_t newline = head.find('\n');
    if (newline == std::string_view::npos) return {};
    head.remove_prefix(newline);
  }
}

/// The first `count` characters that are not white space.
std::string squeezed(std::string_view text, std::size_t count) {
  std::string out;
  for (const char c : text) {
    if (out.size() == count) break;
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') out += c;
  }
  return out;
}

std::optional<Format> guess_bracketed(std::string_view text) {
  const std::string start = squeezed(text, 24);
  if (start.rfind("{\"format\"", 0) == 0) return Format::kTidemark;
  if (start.rfind("[[", 0) == 0 && (start.rfind("[[{\"", 0) == 0 || start.rfind("[[]", 0) == 0))
    return Format::kDbcopJson;
  if (start.rfind("{\"params\"", 0) == 0 || start.rfind("{\"data\"", 0) == 0) return Format::kDbcopJson;
  if (start.rfind("{\"", 0) == 0 || start.rfind("[{\"", 0) == 0) {
    const std::size_t quote = text.find('"');
    const std::size_t after = text.find('"', quote + 1);
    const std::size_t next = text.find_first_not_of(" \t\r\n", after == std::string_view::npos ? after : after + 1);
    const bool ours = contains(text, "\"invoke_ns\"");  // without its first line: our reader says so
    if (next != std::string_view::npos && text[next] == ':') return ours ? Format::kTidemark : Format::kJson;
  }
  if (start[0] == '[' && (contains(start, ":=") || contains(start, "=="))) return Format::kDbcopText;
  const bool texts = contains(text, ":key \"") &&
                     (contains(text, ":f :get") || contains(text, ":f :append") || contains(text, ":f :put"));
  return texts ? Format::kKv : Format::kEdn;
}

}  // namespace

const char* to_text(Format format) {
  switch (format) {
    case Format::kTidemark:
      return "jsonl";
    case Format::kEdn:
      return "edn";
    case Format::kJson:
      return "json";
    case Format::kJepsenLog:
      return "jepsen-log";
    case Format::kKv:
      return "kv";
    case Format::kPlume:
      return "plume";
    case Format::kAwdit:
      return "awdit";
    case Format::kDbcopJson:
      return "dbcop-json";
    case Format::kDbcopText:
      return "dbcop-text";
  }
  return "?";
}

std::optional<Format> find_format(std::string_view name) {
  if (name == "tidemark") return Format::kTidemark;
  for (const Format format : kFormats)
    if (name == to_text(format)) return format;
  return std::nullopt;
}

std::optional<Format> guess_format(std::string_view path, std::string_view head) {
  const std::string_view text = content(head);
  if (!text.empty()) {
    if (contains(head.substr(0, 1024), "jepsen.util")) return Format::kJepsenLog;
    const char first = text[0];
    if (first == '[' || first == '{' || first == '(' || first == '#') return guess_bracketed(text);
    const bool word = (first == 'r' || first == 'w') && text.size() > 1;
    if (word && text[1] == '(') return Format::kPlume;
    if (word && text[1] == ' ') return Format::kAwdit;
    if (first == '=' || first == '-') return ends_with(path, ".hist") ? Format::kDbcopText : Format::kAwdit;
  }
  constexpr std::pair<std::string_view, Format> kEndings[] = {
      {".jsonl", Format::kTidemark}, {".edn", Format::kEdn},     {".json", Format::kJson},
      {".hist", Format::kDbcopText}, {".plume", Format::kPlume}, {".log", Format::kJepsenLog}};
  for (const auto& [ending, format] : kEndings)
    if (ends_with(path, ending)) return format;
  return std::nullopt;
}

Format guess_format(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) throw HistoryError(path, 0, 0, "is a folder");
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw HistoryError(path, 0, 0, "is not a regular file, which can be read only once: name its format");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw HistoryError(path, 0, 0, "cannot be opened");
  std::string head(kHeadBytes, '\0');
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in.gcount()));
  const std::optional<Format> format = guess_format(path, std::string_view(head));
  if (!format) throw HistoryError(path, 0, 0, "the format cannot be told from how the file begins: name it");
  return *format;
}

namespace {

History read(const Source& source, Format format, ReadSummary* wanted) {
  ReadSummary own;
  ReadSummary& summary = wanted == nullptr ? own : *wanted;
  summary = ReadSummary{};
  switch (format) {
    case Format::kTidemark:
      return read_tidemark(source, summary);
    case Format::kEdn:
      return read_edn(source, false, summary);
    case Format::kJson:
      return read_operation_json(source, summary);
    case Format::kJepsenLog:
      return read_jepsen_log(source, summary);
    case Format::kKv:
      return read_edn(source, true, summary);
    case Format::kPlume:
      return read_plume(source, summary);
    case Format::kAwdit:
      return read_awdit(source, summary);
    case Format::kDbcopJson:
      return read_dbcop_json(source, summary);
    case Format::kDbcopText:
      return read_dbcop_text(source, summary);
  }
  throw HistoryError(source.name(), 0, 0, "unknown format");
}

}  // namespace

History read_history_file(const std::string& path, Format format, ReadSummary* summary) {
  return read(Source::file(path), format, summary);
}

History read_history_text(const std::string& name, std::string_view text, Format format, ReadSummary* summary) {
  return read(Source(name, text), format, summary);
}

}  // namespace tidemark::checkers
