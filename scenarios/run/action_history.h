// ActionHistory: the actions of an application as a file: history.jsonl with the model "application"
// (docs/history_format.md). For people and their tools; what it is judged by is in the application.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "model/client/client_observer.h"

namespace tidemark::scenarios {

class ActionHistory {
 public:
  /// Throws checkers::HistoryError when the file cannot be written.
  ActionHistory(std::string path, const std::string& scenario, std::uint64_t seed, const std::string& application);
  void write(const model::ClientOperation& operation);
  /// Throws checkers::HistoryError. Once.
  void close();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void put(const std::string& line);
  const std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t index_ = 0;
};

}  // namespace tidemark::scenarios
