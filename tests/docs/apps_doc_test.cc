// docs/apps against the catalogue: every application has a row, and its page or another names its checks and mistakes.
#include <gtest/gtest.h>

#include "doc_text.h"
#include "model/apps/all/catalogue.h"
#include "scenarios/sql_table.h"

namespace tidemark {
namespace {

std::string page_of(const std::string& row) {
  const std::size_t begin = row.find("](") + 2;
  return doc_text("apps/" + row.substr(begin, row.find(')', begin) - begin));
}

TEST(AppsDoc, EveryApplicationHasItsPage) {
  const std::string index = doc_text("apps/README.md");
  for (const model::ApplicationInfo& info : model::application_catalogue()) {
    const std::size_t row = index.find("\n| " + std::string(info.name) + " | ");
    ASSERT_NE(row, std::string::npos) << info.name;
    const std::string page = page_of(index.substr(row + 1, index.find('\n', row + 1) - row));
    if (info.name == "guestbook") continue;  // the example: its page is about how to write one
    model::WorkloadOptions options;
    options.kind = model::WorkloadKind::kApplication;
    options.application = info.name;
    const auto application = model::make_application(options);
    for (const model::Assertion& assertion : application->assertions())
      EXPECT_NE(page.find("| `" + assertion.name + "` | every served state |"), std::string::npos) << assertion.name;
    for (const std::string& name : application->truths()->names())
      EXPECT_NE(page.find("| `" + name + "` | what users saw |"), std::string::npos) << name;
    for (const model::ApplicationMistake& mistake : info.mistakes)
      EXPECT_NE(page.find("| `" + std::string(mistake.name) + "`: "), std::string::npos) << mistake.name;
  }
}

TEST(AppsDoc, TheKeysOfSqlAreListed) {
  const std::string page = doc_text("apps/sql.md");
  const std::pair<const char*, const std::vector<scenarios::FaultKey>&> tables[] = {
      {"sql", scenarios::sql_keys()},
      {"statement", scenarios::statement_keys()},
      {"assertion", scenarios::assertion_keys()}};
  for (const auto& [table, keys] : tables)
    for (const scenarios::FaultKey& key : keys)
      EXPECT_NE(page.find("| `" + std::string(table) + "." + key.name + "` | "), std::string::npos) << key.name;
}

}  // namespace
}  // namespace tidemark
