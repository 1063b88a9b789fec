// Entry: one committed write transaction as the relay ships it.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <vector>

#include "model/types/bookmark.h"
#include "sim/core/buffer.h"
#include "sim/core/time.h"

namespace tidemark::model {

/// One page version: a WAL frame without its position.
struct EntryFrame {
  std::uint32_t page = 0;  // 1-based
  sim::BufferRef bytes;    // exactly one page
};

/// What SQLite committed, before the leader gave it a place in the log. Frames in WAL order; the last one is the
/// commit frame.
struct CommittedTransaction {
  std::vector<EntryFrame> frames;
  std::uint32_t database_pages = 0;  // size after the commit
};

/// What kind of change an entry is.
enum class EntryKind : std::uint8_t {
  kTransaction = 0,  // SQLite committed it
  kEpochStart = 1,   // the first entry of a new leader: page 1 as it was
  kRestore = 2,      // Time Travel: the pages in which an older state differs from the newest
};

class Entry;
using EntryRef = boost::intrusive_ptr<const Entry>;

/// Immutable; shared by followers, replicas, files and cold storage.
class Entry {
 public:
  /// The entry that follows `previous` in `epoch` with this content: sequence + 1 (or 1 in a new epoch), the day, and
  /// the digest chained from previous.digest over (database_pages, page numbers, page contents).
  /// `committed` is the leader's wall clock (Time Travel finds entries by it); like `kind` it is carried along and not
  /// part of the digest.
  static EntryRef make(const Bookmark& previous, std::uint32_t epoch, std::uint32_t day,
                       CommittedTransaction transaction, sim::Instant committed = {},
                       EntryKind kind = EntryKind::kTransaction);
  /// As read back from a log: the caller has the bookmark; chained() says whether it fits the content.
  static EntryRef restore(const Bookmark& previous, const Bookmark& bookmark, CommittedTransaction transaction,
                          sim::Instant committed = {}, EntryKind kind = EntryKind::kTransaction);

  const Bookmark& previous() const { return previous_; }
  const Bookmark& bookmark() const { return bookmark_; }
  const std::vector<EntryFrame>& frames() const { return transaction_.frames; }
  std::uint32_t database_pages() const { return transaction_.database_pages; }
  sim::Instant committed() const { return committed_; }
  EntryKind kind() const { return kind_; }
  /// Bytes of frames with their headers: what logs, batches and the wire count.
  std::uint32_t bytes() const { return bytes_; }
  /// Does the bookmark's digest follow from previous().digest and the content?
  bool chained() const;

 private:
  Entry(const Bookmark& previous, const Bookmark& bookmark, CommittedTransaction transaction, sim::Instant committed,
        EntryKind kind);
  friend void intrusive_ptr_add_ref(const Entry* entry) { ++entry->references_; }
  friend void intrusive_ptr_release(const Entry* entry) {
    if (--entry->references_ == 0) delete entry;
  }
  mutable std::uint32_t references_ = 0;
  Bookmark previous_;
  Bookmark bookmark_;
  CommittedTransaction transaction_;
  sim::Instant committed_;
  EntryKind kind_;
  std::uint32_t bytes_ = 0;
};

/// The digest of an entry with this content after `previous`.
Digest128 chain_digest(const Digest128& previous, const CommittedTransaction& transaction);

}  // namespace tidemark::model
