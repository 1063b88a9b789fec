#include "checkers/history/transaction.h"

#include <gtest/gtest.h>

#include "tiny_history.h"

namespace tidemark::checkers {
namespace {

Batch batch_of(const std::vector<Operation>& history) {
  Batch batch;
  for (const Operation& operation : history) EXPECT_TRUE(batch.add(operation));
  return batch;
}

/// What checkers see of a batch from transaction `from` on.
std::vector<std::string> seen(const Batch& batch, std::size_t from) {
  std::vector<std::string> texts;
  for (std::size_t i = from; i < batch.transactions().size(); ++i) {
    const Transaction& transaction = batch.transactions()[i];
    std::string text = fmt::format("{} {}", transaction.index, batch.show(transaction));
    for (const MicroOp& op : batch.ops(transaction))
      for (const std::int64_t element : batch.elements(op)) text += fmt::format(" {:x}", element);
    texts.push_back(text);
  }
  return texts;
}

void forgetting_changes_nothing_else(const std::vector<Operation>& history) {
  for (std::size_t first = 0; first <= history.size(); ++first) {
    for (std::size_t second = 0; first + second <= history.size(); ++second) {
      SCOPED_TRACE(fmt::format("{} and then {}", first, second));
      Batch batch = batch_of(history);
      const auto expected = seen(batch, first + second);
      batch.forget_before(first);
      batch.forget_before(second);
      EXPECT_EQ(seen(batch, 0), expected);
    }
  }
}

// Reads 1, 3, 5 and 7 share their rows; inserts, a reset and unknown reads without rows stand between them.
std::vector<Operation> shared_reads() {
  auto history = tiny_history(
      "s1: +a / s2: l[a] / s3?: l[] / s4: l[a] / s1: =a / s5: l[a] / s6?: reset / s2: l[a] / s3: l[] / s4: +b / s2: "
      "l[a b]");
  OrderRows rows = std::get<std::vector<OrdersOp>>(history[1].value)[0].rows;
  for (const std::size_t i : {3U, 5U, 7U}) std::get<std::vector<OrdersOp>>(history[i].value)[0].rows = rows;
  return history;
}

TEST(Batch, ForgettingKeepsReadsThatShareRowsWithOperationsWithoutRowsBetweenThem) {
  forgetting_changes_nothing_else(shared_reads());
}

TEST(Batch, ForgettingKeepsTheElementsOfListsAndRegisters) {
  forgetting_changes_nothing_else(
      tiny_history("s1: ax1 ay2 / s2: rx[1] / s3: ax3 / s2: ry[2] rx[1 3] / s4!: ax4 / s1: rx[] / s1: ry[2]"));
  forgetting_changes_nothing_else(tiny_history("s1: wx5.1 / s2: gx5.1 gy0 / s3: wy6.1 gx5.1 / s1: gy6.1"));
}

TEST(Batch, ReadsOfEqualRowsHaveEqualElementsWhetherTheRowsAreSharedOrNot) {
  const auto shared = shared_reads();
  auto copied = shared;
  for (Operation& operation : copied)
    for (OrdersOp& op : std::get<std::vector<OrdersOp>>(operation.value))
      if (op.rows != nullptr) op.rows = std::make_shared<const std::vector<OrderRow>>(*op.rows);
  EXPECT_EQ(seen(batch_of(shared), 0), seen(batch_of(copied), 0));
}

TEST(Batch, HashesOfWholeTableReadsAreThoseOfTheirElements) {
  const Batch batch = batch_of(tiny_history("s1: l[a b c] / s1: l[a b d e] / s1: l[] / s1: l[b] / s1: l[b c]"));
  for (const Transaction& transaction : batch.transactions()) {
    const MicroOp& op = batch.ops(transaction).front();
    const auto prefix = batch.prefix(op);
    ASSERT_EQ(prefix.size(), op.count + 1U);
    Digest128 hash;
    for (std::size_t i = 0; i <= op.count; ++i) {
      EXPECT_EQ(prefix[i], hash) << i;
      if (i == op.count) break;
      EXPECT_EQ(batch.elements(op)[i], row_element((*batch.rows(op))[i]));
      hash = extend(hash, batch.elements(op)[i]);
    }
  }
}

}  // namespace
}  // namespace tidemark::checkers
