#include "program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tidemark::cli {
namespace {

void redirect(const std::string& path, int descriptor) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || dup2(file, descriptor) < 0) _exit(127);
}

Said run(std::vector<std::string> words, const std::string& folder) {
  const std::string base = std::filesystem::absolute(scratch_folder() + "/said").string();
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    redirect(base + ".out", STDOUT_FILENO);
    redirect(base + ".err", STDERR_FILENO);
    if (chdir(folder.c_str()) != 0) _exit(127);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage used{};
  EXPECT_EQ(wait4(child, &status, 0, &used), child);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read(base + ".out"), read(base + ".err"),
          used.ru_maxrss};
}

}  // namespace

Said tidemark(const std::vector<std::string>& arguments, const std::string& folder) {
  std::vector<std::string> words = {TIDEMARK_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run(std::move(words), folder);
}

Said shell(const std::string& lines, const std::string& folder) {
  return run({"/bin/sh", "-c", lines}, folder);
}

std::string scratch_folder() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(test->test_suite_name()) + "." + test->name();
  std::replace(name.begin(), name.end(), '/', '_');
  name = TIDEMARK_SCRATCH "/" + name;
  static std::string last;
  if (last != name) std::filesystem::remove_all(name);
  last = name;
  std::filesystem::create_directories(name);
  return name;
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace tidemark::cli
