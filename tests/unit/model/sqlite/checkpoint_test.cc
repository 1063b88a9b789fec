#include "model/sqlite/checkpoint.h"

#include <gtest/gtest.h>

#include "copies.h"

namespace tidemark::model::sqlite {
namespace {

struct Confirming {
  Confirming() : primary(1024) {
    primary.run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)");
    for (int i = 0; i < 9; ++i) primary.run("INSERT INTO t(v) VALUES(1)");
  }
  WalPosition end(std::size_t commit) { return primary.log.commits[commit].end; }
  Primary primary;
};

TEST(Checkpointer, OfThePrimaryStopsAtTheConfirmedFrame) {
  Confirming c;
  Checkpointer checkpointer(*c.primary.database, *c.primary.capture);
  const CheckpointReport report = checkpointer.run(c.end(4));
  EXPECT_TRUE(report.ran);
  EXPECT_EQ(report.backfilled, c.end(4).frame);
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(checkpointer.run(c.end(4)).ran, false) << "nothing new is confirmed";
  EXPECT_TRUE(checkpointer.run(c.end(9)).complete());
}

TEST(Checkpointer, CopiesNothingWhenTheConfirmedPlaceIsInAnEarlierWal) {
  Confirming c;
  Checkpointer checkpointer(*c.primary.database, *c.primary.capture);
  const WalPosition confirmed = c.end(9);
  EXPECT_TRUE(checkpointer.run(confirmed).complete());
  c.primary.run("INSERT INTO t(v) VALUES(2)");
  EXPECT_EQ(c.end(10).frame, 1U);
  const CheckpointReport report = checkpointer.run(confirmed);
  EXPECT_FALSE(report.ran);
  EXPECT_EQ(report.backfilled, 0U);
}

TEST(Checkpointer, KeepsTheWalFromRestartingUntilTheDatabaseFileIsDurable) {
  Confirming c;
  Checkpointer checkpointer(*c.primary.database, *c.primary.capture);
  checkpointer.prepare();
  const CheckpointReport report = checkpointer.backfill(c.end(9));
  EXPECT_TRUE(report.complete());
  EXPECT_GT(report.durable, sim::Instant{});
  c.primary.run("INSERT INTO t(v) VALUES(2)");
  EXPECT_EQ(c.end(10).frame, c.end(9).frame + 1) << "still the old WAL";
  checkpointer.finish();
  EXPECT_TRUE(checkpointer.run(c.end(10)).complete());
  c.primary.run("INSERT INTO t(v) VALUES(3)");
  EXPECT_EQ(c.end(11).frame, 1U);
}

TEST(Checkpointer, CopiesOnlyWhatTheWalSyncCovered) {
  Confirming c;
  Checkpointer checkpointer(*c.primary.database, *c.primary.capture);
  checkpointer.prepare();
  c.primary.run("INSERT INTO t(v) VALUES(2)");
  EXPECT_EQ(checkpointer.backfill(c.end(10)).backfilled, c.end(9).frame);
}

TEST(Checkpointer, StopsAtAReaderOfThePrimary) {
  Confirming c;
  SqlError error;
  std::unique_ptr<ReadTransaction> reader = c.primary.database->begin_read(error);
  c.primary.run("INSERT INTO t(v) VALUES(2)");
  const CheckpointReport report = Checkpointer(*c.primary.database, *c.primary.capture).run(c.end(10));
  EXPECT_EQ(report.backfilled, c.end(9).frame);
}

TEST(Checkpointer, SharesPagesBetweenWalAndDatabaseFile) {
  Confirming c;
  Checkpointer(*c.primary.database, *c.primary.capture).run(c.end(9));
  const Image image(*c.primary.vfs);
  EXPECT_EQ(image.page(2), c.primary.log.commits[9].transaction.frames.back().bytes);
}

TEST(Checkpointer, MistakeD1PassesTheConfirmedFrame) {
  Confirming c;
  BugSet bugs;
  bugs.add(Bug::kD1);
  const CheckpointReport report = Checkpointer(*c.primary.database, *c.primary.capture, bugs).run(c.end(4));
  EXPECT_GT(report.backfilled, c.end(4).frame);
}

TEST(Vfs, ADeadCopyTouchesItsFilesNoMore) {
  Confirming c;
  const auto wal = c.primary.files.at("db-wal").bytes();
  c.primary.vfs->kill();
  EXPECT_FALSE(c.primary.database->execute("INSERT INTO t(v) VALUES(2)").ok());
  EXPECT_EQ(c.primary.files.at("db-wal").bytes(), wal);
}

TEST(Vfs, TellsWhenTheSyncsOfACommitComplete) {
  Confirming c;
  sim::Instant complete;
  EXPECT_TRUE(c.primary.vfs->take_sync(complete));
  EXPECT_FALSE(c.primary.vfs->take_sync(complete));
  EXPECT_TRUE(c.primary.database->execute("INSERT INTO t(v) VALUES(2)").ok());
  EXPECT_TRUE(c.primary.vfs->take_sync(complete));
  EXPECT_GT(complete, sim::Instant{});
  EXPECT_TRUE(c.primary.database->execute("SELECT count(*) FROM t").ok());
  EXPECT_FALSE(c.primary.vfs->take_sync(complete));
}

}  // namespace
}  // namespace tidemark::model::sqlite
