#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "checkers/formats/format.h"
#include "checkers/formats/write/write.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/judgement_output.h"
#include "cli/output.h"

namespace tidemark::cli {
namespace {

using checkers::Format;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Format input_format(const HistoryConvertArguments& arguments) {
  if (arguments.from == "auto") return checkers::guess_format(arguments.in);
  return *checkers::find_format(arguments.from);  // the command line knows no other names
}

/// By the name of the file, where it is not said.
Format output_format(const HistoryConvertArguments& arguments) {
  if (arguments.to != "auto") return *checkers::find_format(arguments.to);
  constexpr std::pair<const char*, Format> kEndings[] = {{".jsonl", Format::kTidemark},
                                                         {".json", Format::kJson},
                                                         {".edn", Format::kEdn},
                                                         {".kv", Format::kKv},
                                                         {".plume", Format::kPlume}};
  for (const auto& [ending, format] : kEndings)
    if (ends_with(arguments.out, ending)) return format;
  throw UsageError(fmt::format("{}: its ending names no format that can be written; say --to", arguments.out));
}

/// A file that is written piece by piece; "-" is stdout.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path) : path_(path) {
    if (path != "-") file_.reset(std::fopen(path.c_str(), "wb"));
    if (path != "-" && !file_) fail();
  }
  void put(std::string_view text) {
    if (!file_) return print(text);
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail();
  }
  void close() {
    if (file_ && std::fclose(file_.release()) != 0) fail();
  }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  [[noreturn]] void fail() const {
    throw UsageError(fmt::format("{}: cannot be written ({})", path_, std::strerror(errno)));
  }

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
};

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

int history_convert_command(const HistoryConvertArguments& arguments) {
  try {
    const Format from = input_format(arguments);
    const Format to = output_format(arguments);
    checkers::ReadSummary summary;
    const checkers::History history = checkers::read_history_file(arguments.in, from, &summary);
    const std::vector<std::string> losses = checkers::losses_of(history, to);
    OutputFile out(arguments.out);
    checkers::write_history(history, to, base_name(arguments.in), [&](std::string_view text) { out.put(text); });
    out.close();
    std::string notes = remarks(summary);
    for (const std::string& loss : losses) notes += "note: " + loss + "\n";
    print_message(fmt::format("{}{}: {} transactions, {} to {}\n", notes, arguments.in, history.transactions().size(),
                              to_text(from), to_text(to)));
    return kExitValid;
  } catch (const checkers::ConversionRefused& refused) {
    const std::string place = refused.line() == 0 ? "" : fmt::format(":{}", refused.line());
    throw UsageError(fmt::format("{}{}: cannot be converted: {}", arguments.in, place, refused.what()));
  } catch (const checkers::HistoryError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace tidemark::cli
