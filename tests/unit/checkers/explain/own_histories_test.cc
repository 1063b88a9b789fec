// Every history of the project's own set that is invalid: explained, cut down, written, read and judged again.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "checkers/explain/explain.h"
#include "checkers/explain/minimal.h"
#include "checkers/formats/write/write.h"
#include "checkers/judge/models.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kMostOperations = 6;  // that a witness of a violated promise to sessions may need

struct Row {
  std::string file;
  Format format = Format::kEdn;
  const ModelInfo* model = nullptr;
};

std::vector<Row> invalid_rows() {
  std::ifstream in(std::string(TIDEMARK_OWN_HISTORIES) + "/expected.tsv");
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    std::istringstream columns(line);
    std::string file, format, model, verdict;
    std::getline(columns, file, '\t');
    std::getline(columns, format, '\t');
    std::getline(columns, model, '\t');
    std::getline(columns, verdict, '\t');
    if (verdict != "invalid" || !find_format(format)) continue;
    rows.push_back({file, *find_format(format), find_model(model)});
  }
  return rows;
}

why::Orders orders_of(Model model) {
  return {model != Model::kSerializable && model != Model::kReadCommitted,
          model == Model::kStrictSerializable || model == Model::kLinearizable};
}

/// Texts that grow have words in Porcupine's format only.
History written_and_read(const History& history) {
  const Format format = (history.kinds() & bit(EventKind::kAppendText)) != 0 ? Format::kKv : Format::kEdn;
  std::string text;
  write_history(history, format, "minimal", [&text](std::string_view piece) { text += piece; });
  return read_history_text("minimal", text, format);
}

TEST(OwnHistories, FailAgainWhenCutDownWrittenAndRead) {
  const std::vector<Row> rows = invalid_rows();
  ASSERT_GT(rows.size(), 50U);
  std::set<std::string> names;
  for (const Row& row : rows) {
    SCOPED_TRACE(fmt::format("{} {}", row.file, row.model->name));
    const History history = read_history_file(std::string(TIDEMARK_OWN_HISTORIES) + "/" + row.file, row.format);
    const Model model = row.model->model;
    const Judge judged = [model](const History& part) { return judge(part, model); };
    const Judgement judgement = judged(history);
    ASSERT_FALSE(judgement.anomalies.empty());
    const Anomaly& first = judgement.anomalies[0];
    names.insert(first.name);
    EXPECT_NE(explain(history, row.model->guarantee, first, orders_of(model)), "");
    MinimalOptions options;
    options.orders = orders_of(model);
    const Minimal minimal = minimal_history(history, first, judged, options);
    EXPECT_TRUE(minimal.complete);
    EXPECT_LE(minimal.history.transactions().size(), kMostOperations);
    const Judgement again = judged(written_and_read(minimal.history));
    ASSERT_EQ(again.validity, Validity::kInvalid) << again.reason;
    EXPECT_EQ(again.anomalies[0].name, first.name);
  }
  for (const char* promise : {"read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"}) {
    EXPECT_TRUE(names.contains(promise)) << promise;
  }
}

}  // namespace
}  // namespace tidemark::checkers
