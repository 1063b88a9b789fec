#include "scenarios/shipped.h"

#include <fmt/core.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "scenarios/diagnostics.h"

namespace tidemark::scenarios {
namespace {

constexpr std::size_t kMostBytes = 4U << 20;  // a scenario file is a page or two; this is somebody's mistake

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::optional<ScenarioText> read_file(const std::string& name, std::string& error) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(name.c_str(), "rb"));
  if (!file) {
    error = fmt::format("{}: cannot be read", name);
    return std::nullopt;
  }
  ScenarioText result{name, std::string(kMostBytes + 1, '\0')};
  result.text.resize(std::fread(result.text.data(), 1, result.text.size(), file.get()));
  if (std::ferror(file.get()) != 0 || result.text.size() > kMostBytes) {
    error = fmt::format("{}: {}", name, result.text.size() > kMostBytes ? "is larger than 4 MiB" : "cannot be read");
    return std::nullopt;
  }
  return result;
}

std::string short_name(std::string name) {
  constexpr std::string_view kFolder = "scenarios/";
  constexpr std::string_view kSuffix = ".toml";
  if (name.rfind("./", 0) == 0) name.erase(0, 2);
  if (name.rfind(kFolder, 0) == 0) name.erase(0, kFolder.size());
  if (name.size() > kSuffix.size() && name.compare(name.size() - kSuffix.size(), kSuffix.size(), kSuffix) == 0) {
    name.resize(name.size() - kSuffix.size());
  }
  return name;
}

}  // namespace

std::optional<ScenarioText> find_scenario(const std::string& name, std::string& error) {
  std::error_code ignored;
  if (std::filesystem::is_directory(name, ignored)) {
    error = fmt::format("{}: is a folder, not a scenario file", name);
    return std::nullopt;
  }
  if (std::filesystem::exists(name, ignored)) return read_file(name, error);
  std::vector<std::string> names;
  for (const ShippedScenario& shipped : shipped_scenarios()) {
    if (shipped.name == short_name(name))
      return ScenarioText{fmt::format("{}.toml", shipped.name), std::string(shipped.text)};
    names.emplace_back(shipped.name);
  }
  error = fmt::format("{}: no such file and no shipped scenario{}; see `tidemark scenario list`", name,
                      did_you_mean(short_name(name), names));
  return std::nullopt;
}

}  // namespace tidemark::scenarios
