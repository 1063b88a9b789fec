// The example of docs/checkers_library.md is the project that the test `package` builds.
#include <gtest/gtest.h>

#include "doc_text.h"

namespace tidemark {
namespace {

/// Without the comment that it begins with.
std::string body_of(const std::string& file) {
  std::string text = doc_text("../tests/package/example/" + file);
  text.erase(0, text.find('\n') + 1);
  return text.substr(text.find_first_not_of('\n'));
}

TEST(CheckersLibraryPage, ShowsTheExampleThatIsBuilt) {
  const std::string page = doc_text("checkers_library.md");
  EXPECT_EQ(code_blocks(page, "cmake").at(0), body_of("CMakeLists.txt"));
  EXPECT_EQ(code_blocks(page, "cpp").at(0), body_of("main.cc"));
}

}  // namespace
}  // namespace tidemark
