// Bookmark: the logical time of one database, one per log entry.
//
// Text form `EEEEEEEE-SSSSSSSS-DDDDDDDD-<32 hex>`, lower-case hex: epoch of the leader, sequence in that epoch
// (ffffffff = end of the epoch, for time-derived and undo bookmarks), day since 1970 of virtual time, and the running
// digest of the log up to and including the entry. The shape 8-8-8-32 is documented by Cloudflare; what the groups
// mean is inferred (D1 time-travel docs; samples with known dates) and, for the digest, ours. Bookmarks are compared as
// strings; because every group has a fixed width the order of the fields is the order of the text.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace tidemark::model {

struct Bookmark {
  static constexpr std::uint32_t kEndOfEpoch = 0xffffffff;
  static constexpr std::size_t kTextLength = 59;

  std::uint32_t epoch = 0;
  std::uint32_t sequence = 0;
  std::uint32_t day = 0;
  Digest128 digest;

  /// The empty log: before the first entry of the first epoch.
  bool is_origin() const { return epoch == 0 && sequence == 0; }

  std::string text() const;
  /// False when `text` is not exactly the text form.
  static bool parse(std::string_view text, Bookmark& out);

  friend constexpr auto operator<=>(const Bookmark&, const Bookmark&) = default;
};

/// What a request carries in place of a bookmark, and what a session holds: nothing, one of the two constraints, a
/// bookmark, or a text that is none of these (the binding does not validate; such a text is kept and sent as it is).
class SessionToken {
 public:
  enum class Kind : std::uint8_t { kNone, kFirstPrimary, kFirstUnconstrained, kBookmark, kForeign };

  SessionToken() = default;
  static SessionToken first_primary() { return SessionToken(Kind::kFirstPrimary); }
  static SessionToken first_unconstrained() { return SessionToken(Kind::kFirstUnconstrained); }
  static SessionToken of(const Bookmark& bookmark) {
    SessionToken token(Kind::kBookmark);
    token.bookmark_ = bookmark;
    return token;
  }
  /// The rule of withSession: trimmed; blank gives kNone (the caller decides the default), the two constraints by name,
  /// a well-formed bookmark, else kForeign.
  static SessionToken parse(std::string_view text);

  Kind kind() const { return kind_; }
  const Bookmark& bookmark() const { return bookmark_; }
  std::string text() const;
  /// String order of the text forms, as the binding compares.
  bool text_less(const SessionToken& other) const;

 private:
  explicit SessionToken(Kind kind) : kind_(kind) {}
  Kind kind_ = Kind::kNone;
  Bookmark bookmark_;
  std::string foreign_;
};

}  // namespace tidemark::model
