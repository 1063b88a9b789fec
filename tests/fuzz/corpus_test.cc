// The readers against their corpus and against mutations of it, the same in every run: what the fuzzers do, in small.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "fuzz_one.h"

namespace tidemark::checkers {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMutations = 6000;  // of each format

std::vector<std::string> corpus(Format format) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(TIDEMARK_CORPUS) / to_text(format)))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> texts;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    texts.push_back(text.str());
  }
  return texts;
}

struct Random {
  std::uint64_t state;
  std::size_t below(std::size_t limit) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<std::size_t>((mixed ^ (mixed >> 31)) % limit);
  }
};

const std::vector<std::string>& words() {
  static const std::vector<std::string> all = {"[",
                                               "]",
                                               "{",
                                               "}",
                                               "(",
                                               ")",
                                               "\"",
                                               "\\",
                                               "#{",
                                               "#_",
                                               "nil",
                                               "null",
                                               ":ok",
                                               ":fail",
                                               ":info",
                                               ":invoke",
                                               ":append",
                                               ":r",
                                               ":w",
                                               ":cas",
                                               ":add",
                                               ":process 1",
                                               "-1",
                                               "0",
                                               "9223372036854775807",
                                               "99999999999999999999",
                                               "1e5",
                                               "\r\n",
                                               "\n",
                                               "\xff",
                                               std::string(1, '\0'),
                                               ",",
                                               ":",
                                               "===",
                                               "---",
                                               "!",
                                               "\\u0000",
                                               "null]"};
  return all;
}

/// One to four changes: a byte, a cut, a doubled part, a word, a part of another text.
std::string mutated(const std::vector<std::string>& texts, Random& random) {
  std::string text = texts[random.below(texts.size())];
  for (std::size_t changes = 1 + random.below(4); changes > 0; --changes) {
    const std::size_t at = random.below(text.size() + 1);
    const std::size_t length = std::min(text.size() - at, 1 + random.below(24));
    switch (random.below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      case 3:
        text.insert(at, words()[random.below(words().size())]);
        break;
      case 4:
        text.replace(at, length, words()[random.below(words().size())]);
        break;
      default: {
        const std::string& other = texts[random.below(texts.size())];
        const std::size_t from = random.below(other.size() + 1);
        text.insert(at, other.substr(from, random.below(80)));
      }
    }
  }
  return text;
}

class Corpus : public testing::TestWithParam<Format> {};

TEST_P(Corpus, HoldsHistoriesAndBrokenOnes) {
  std::size_t good = 0;
  const std::vector<std::string> texts = corpus(GetParam());
  for (const std::string& text : texts) good += fuzz_one(GetParam(), text) ? 1 : 0;
  EXPECT_GE(good, 3U);
  EXPECT_LT(good, texts.size()) << "at least one is broken";
}

TEST_P(Corpus, MutationsAreReadOrRefused) {
  const std::vector<std::string> texts = corpus(GetParam());
  Random random{static_cast<std::uint64_t>(GetParam()) + 1};
  std::size_t good = 0;
  for (unsigned i = 0; i < kMutations; ++i) good += fuzz_one(GetParam(), mutated(texts, random)) ? 1 : 0;
  EXPECT_GT(good, kMutations / 200) << "the mutations get somewhere";
  EXPECT_LT(good, kMutations);
}

INSTANTIATE_TEST_SUITE_P(Readers, Corpus, testing::ValuesIn(kFormats), [](const auto& format) {
  std::string name = to_text(format.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tidemark::checkers
