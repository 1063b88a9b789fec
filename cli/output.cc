#include "cli/output.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/commands.h"

namespace tidemark::cli {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw UsageError(fmt::format("{}: {} ({})", path, what, std::strerror(errno)));
}

}  // namespace

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0)
    throw UsageError(fmt::format("tidemark: the output cannot be written ({})", std::strerror(errno)));
}

void print_message(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void write_file(const std::string& path, std::string_view text) {
  File file(std::fopen(path.c_str(), "wb"));
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) fail(path, "cannot be written");
  if (std::fclose(file.release()) != 0) fail(path, "cannot be written");
}

std::string read_file(const std::string& path) {
  std::error_code ignored;
  const File file(std::filesystem::is_directory(path, ignored) ? nullptr : std::fopen(path.c_str(), "rb"));
  if (!file) fail(path, "cannot be read");
  std::string text;
  char buffer[65'536];
  while (const std::size_t read = std::fread(buffer, 1, sizeof buffer, file.get())) text.append(buffer, read);
  if (std::ferror(file.get()) != 0) fail(path, "cannot be read");
  return text;
}

void make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) throw UsageError(fmt::format("{}: the folder cannot be made ({})", path, error.message()));
}

}  // namespace tidemark::cli
