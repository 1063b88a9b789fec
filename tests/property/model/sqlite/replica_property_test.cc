// Random histories of a primary, shipped to a replica with random delays. After each step the replica must show what
// the primary showed at the published commit and nothing else, and its wal-index must be the one stock SQLite would
// build.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "copies.h"

namespace tidemark::model::sqlite {
namespace {

enum class Act : std::uint8_t {
  kInsert,
  kInsertAgain,
  kUpdate,
  kDelete,
  kCreate,
  kRollback,
  kSavepoint,
  kVacuum,
  kSpill,
  kSamePage,
  kReceive,
  kReceiveAgain,
  kPublish,
  kPublishAgain,
  kReplicaCheckpoint,
  kReplicaCheckpointAgain,
  kOpenReader,
  kCloseReader,
  kDropHidden,
  kReplicaRestart,
  kPrimaryCheckpoint,
  kPrimaryReader,
  kCrashPrimary,
  kCompare,
  kCount,
};

struct Step {
  Act act;
  std::uint32_t a, b;
};
std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << "{" << static_cast<int>(step.act) << " " << step.a << " " << step.b << "}";
}

rc::Gen<Step> any_step() {
  return rc::gen::map(rc::gen::tuple(rc::gen::inRange(0, static_cast<int>(Act::kCount)),
                                     rc::gen::inRange<std::uint32_t>(0, 40), rc::gen::inRange<std::uint32_t>(0, 1000)),
                      [](const std::tuple<int, std::uint32_t, std::uint32_t>& t) {
                        return Step{static_cast<Act>(std::get<0>(t)), std::get<1>(t), std::get<2>(t)};
                      });
}

/// A snapshot that somebody holds, and what it must go on showing.
struct Held {
  std::unique_ptr<ReadTransaction> reader;
  Digest128 content;
};

class Pair {
 public:
  explicit Pair(std::uint32_t page_size) : page_size_(page_size), primary_(page_size) {
    primary_.run("CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER, v BLOB); CREATE INDEX t_k ON t(k)");
    // The replica boots from an image in the middle of the log.
    received_ = published_ = primary_.log.commits.size();
    replica_ = std::make_unique<Replica>(page_size, copy_image(Image(*primary_.vfs)));
    confirmed_ = published_;
  }

  void step(const Step& step) {
    const std::string n = std::to_string(step.a + 1);
    const std::string k = std::to_string(step.b % 50);
    const std::string size = std::to_string(step.b * page_size_ / 2000);
    switch (step.act) {
      case Act::kInsert:
      case Act::kInsertAgain:
        return sql(rows(n, k, size));
      case Act::kUpdate:
        return sql("UPDATE t SET v = randomblob(" + size + ") WHERE k % 7 = " + k + " % 7");
      case Act::kDelete:
        return sql("DELETE FROM t WHERE k % 3 = " + k + " % 3");
      case Act::kCreate:
        return sql("CREATE TABLE IF NOT EXISTS t" + k + "(a, b); INSERT INTO t" + k + " SELECT " + k +
                   ", randomblob(20)");
      case Act::kRollback:
        return sql("BEGIN; " + rows("200", k, size) + "; DELETE FROM t WHERE k % 2; ROLLBACK");
      case Act::kSavepoint:
        return sql("BEGIN; " + rows(n, k, size) + "; SAVEPOINT s; " + rows("150", k, size) +
                   "; UPDATE t SET v = 'x'; ROLLBACK TO s; " + rows("3", k, size) + "; COMMIT");
      case Act::kVacuum:
        return sql("PRAGMA auto_vacuum=" + std::to_string(step.b % 3) + "; VACUUM");
      case Act::kSpill:  // ten pages of cache: frames are written, and written again, before the commit
        return sql("BEGIN; " + rows("100", k, size) + "; UPDATE t SET v = zeroblob(" + size +
                   "); UPDATE t SET k = k + 1; COMMIT");
      case Act::kSamePage:
        return sql("BEGIN; UPDATE t SET k = 1; UPDATE t SET k = " + k + "; INSERT INTO t VALUES(NULL, 5, 'x'); COMMIT");
      case Act::kReceive:
      case Act::kReceiveAgain:
        return receive(1 + step.a % 5);
      case Act::kPublish:
      case Act::kPublishAgain:
        return publish(1 + step.a % 4);
      case Act::kReplicaCheckpoint:
      case Act::kReplicaCheckpointAgain:
        return replica_checkpoint();
      case Act::kOpenReader:
        return open_reader();
      case Act::kCloseReader:
        if (!readers_.empty()) readers_.erase(readers_.begin() + static_cast<std::ptrdiff_t>(step.b % readers_.size()));
        return;
      case Act::kDropHidden:
        return drop_hidden(step.a);
      case Act::kReplicaRestart:
        return restart();
      case Act::kPrimaryCheckpoint:
        return primary_checkpoint();
      case Act::kPrimaryReader:
        return primary_reader();
      case Act::kCrashPrimary:
        return crash_primary();
      default:
        return compare();
    }
  }

  void check() {
    RC_ASSERT(content_of(*replica_->database) == content_at(published_));
    for (Held& held : readers_) RC_ASSERT(content_of(*held.reader) == held.content);
    RC_ASSERT(Image(*replica_->vfs).visible_frame() == replica_->writer->visible_frame());
  }

  /// A transaction that crosses the boundary of the wal-index's first region (4,062 frames).
  void big(std::uint32_t rows_of_a_page) { sql(rows(std::to_string(rows_of_a_page), "7", std::to_string(page_size_))); }

  void classify() const {
    RC_CLASSIFY(replica_->writer->generation() > 0, "replica WAL restarted");
    RC_CLASSIFY(primary_.capture->position().generation > 1, "primary WAL restarted");
    RC_CLASSIFY(primary_.capture->repairs() > 0, "SQLite's broken frames repaired");
    RC_CLASSIFY(carried_ > 0, "WAL restarted with hidden frames");
    RC_CLASSIFY(most_frames_ > kFirstRegionFrames, "more than one region");
  }

  void compare() { RC_ASSERT(compare_with_recovery(*replica_->vfs, page_size_) == ""); }

  void converge() {
    readers_.clear();
    primary_readers_.clear();
    receive(1000000);
    publish(1000000);
    check();
    compare();
    primary_checkpoint();
    replica_checkpoint();
    RC_ASSERT(primary_.vfs->database_file().size() == replica_->vfs->database_file().size());
    RC_ASSERT(export_files(*primary_.vfs).database == export_files(*replica_->vfs).database);
    const Outcome integrity = replica_->database->execute("PRAGMA quick_check");
    RC_ASSERT(integrity.ok() && integrity.statements[0].rows->row(0)[0].text() == "ok");
  }

 private:
  static std::string rows(const std::string& count, const std::string& k, const std::string& size) {
    return "INSERT INTO t(k, v) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < " + count +
           ") SELECT " + k + " + i, randomblob(" + size + ") FROM c";
  }
  const Digest128& content_at(std::size_t count) const { return primary_.log.commits.at(count - 1).content; }

  void sql(const std::string& text) {
    const std::size_t before = primary_.log.commits.size();
    // Several statements outside BEGIN are several transactions; each commit gets the content it had.
    std::string_view rest = text;
    const SqlError error = text.find("BEGIN") == 0 ? primary_.run(text) : run_each(rest);
    if (error) RC_FAIL(error.text + " in " + text);
    for (std::size_t i = before; i < primary_.log.commits.size(); ++i)
      RC_ASSERT(primary_.log.commits[i].content != Digest128{});
    RC_ASSERT(content_of(*primary_.raw) == content_at(primary_.log.commits.size()));
  }
  SqlError run_each(std::string_view rest) {
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size() - 1) + 1;
      if (const SqlError error = primary_.run(std::string(rest.substr(0, end)))) return error;
      rest.remove_prefix(end);
    }
    return {};
  }

  void receive(std::size_t count) {
    for (; count != 0 && received_ < primary_.log.commits.size(); --count) {
      RC_ASSERT(replica_->writer->append(primary_.log.commits[received_++].transaction) == sim::IoStatus::kOk);
    }
  }
  void publish(std::size_t count) {
    count = std::min(count, received_ - published_);
    if (count == 0) return;
    replica_->writer->publish(static_cast<std::uint32_t>(count));
    published_ += count;
    confirmed_ = std::max(confirmed_, published_);
    most_frames_ = std::max(most_frames_, replica_->writer->last_frame());
    const WalScan scan = scan_wal(replica_->vfs->wal_file());
    RC_ASSERT(scan.valid_frames >= replica_->writer->visible_frame());
    RC_ASSERT(scan.valid_frames == replica_->writer->last_frame());
  }
  void replica_checkpoint() {
    Checkpointer checkpointer(*replica_->database, *replica_->writer);
    const std::uint32_t hidden = replica_->writer->hidden_transactions();
    bool restarted = false;
    const CheckpointReport report = checkpointer.run(&restarted);
    if (restarted && hidden != 0) ++carried_;
    RC_ASSERT(replica_->writer->hidden_transactions() == hidden);
    RC_ASSERT(report.code == 0);
    RC_ASSERT(report.backfilled <= report.visible);
  }
  void open_reader() {
    if (readers_.size() >= 6) return;
    SqlError error;
    std::unique_ptr<ReadTransaction> reader = replica_->database->begin_read(error);
    RC_ASSERT(error.text == "");
    readers_.push_back({std::move(reader), content_at(published_)});
  }
  void drop_hidden(std::uint32_t keep) {
    const std::uint32_t hidden = replica_->writer->hidden_transactions();
    keep = std::min(keep, hidden);
    replica_->writer->drop_hidden(keep);
    received_ -= hidden - keep;
  }
  void restart() {
    readers_.clear();
    const std::uint32_t visible = replica_->writer->visible_frame();
    replica_->stop();
    const WalWriter::Opened opened = replica_->start(visible);
    RC_ASSERT(opened.complete && opened.frames == visible);
    received_ = published_;
  }
  void primary_checkpoint() {
    Checkpointer checkpointer(*primary_.database, *primary_.capture);
    const WalPosition confirmed = primary_.log.commits[confirmed_ - 1].end;
    const CheckpointReport report = checkpointer.run(confirmed);
    RC_ASSERT(report.code == 0);
    if (report.ran) RC_ASSERT(report.backfilled <= confirmed.frame);
  }
  void primary_reader() {
    if (primary_readers_.size() >= 2) {
      primary_readers_.clear();
      return;
    }
    SqlError error;
    primary_readers_.push_back(primary_.database->begin_read(error));
    RC_ASSERT(error.text == "");
  }
  /// The primary's files as a crash leaves them, cut back to what is confirmed.
  void crash_primary() {
    const WalPosition confirmed = primary_.log.commits[confirmed_ - 1].end;
    const bool present = confirmed.generation == primary_.capture->position().generation;
    Machine other(page_size_, 13);
    other.files.open(kName).write(0, primary_.files.at(kName).bytes());
    other.files.open(std::string(kName) + "-wal").write(0, primary_.files.at(std::string(kName) + "-wal").bytes());
    WalWriter writer(*other.vfs);
    const WalWriter::Opened opened = writer.open(present ? confirmed.frame : 0);
    RC_ASSERT(opened.complete);
    RC_ASSERT(content_of(*open_database(*other.vfs, Role::kReplica)) == content_at(confirmed_));
  }

  const std::uint32_t page_size_;
  Primary primary_;
  std::unique_ptr<Replica> replica_;
  std::vector<Held> readers_;
  std::vector<std::unique_ptr<ReadTransaction>> primary_readers_;
  std::size_t received_ = 0;
  std::size_t published_ = 0;
  std::size_t confirmed_ = 0;
  std::uint32_t carried_ = 0;
  std::uint32_t most_frames_ = 0;
};

TEST(ReplicaProperty, ShowsThePublishedPrefixOfThePrimaryThroughTheWalIndexOfStockSqlite) {
  EXPECT_TRUE(rc::check("random histories", [] {
    reset_for_run(1);
    Pair pair(*rc::gen::element<std::uint32_t>(512, 1024, 4096));
    if (*rc::gen::inRange(0, 40) == 0) pair.big(*rc::gen::inRange<std::uint32_t>(2000, 5000));
    const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
    for (const Step& step : steps) {
      pair.step(step);
      pair.check();
    }
    pair.classify();
    pair.converge();
  }));
}

}  // namespace
}  // namespace tidemark::model::sqlite
