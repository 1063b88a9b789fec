#include "model/protocol/messages.h"

#include "base/digest.h"

namespace tidemark::model {
namespace {

constexpr std::uint32_t kHeaderBytes = 64;

Digest128 fold(Digest128 digest, const Bookmark& bookmark) {
  return mix(mix(mix(digest, std::uint64_t{bookmark.epoch} << 32 | bookmark.sequence), bookmark.digest.high),
             bookmark.digest.low);
}

Digest128 start(MessageType type) {
  return mix({}, static_cast<std::uint64_t>(type));
}

std::uint32_t value_bytes(const SqlValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return static_cast<std::uint32_t>(text->size()) + 8;
  if (const auto* blob = std::get_if<Blob>(&value)) return static_cast<std::uint32_t>(blob->bytes.size()) + 8;
  return 8;
}

Digest128 fold(Digest128 digest, const SqlValue& value) {
  digest = mix(digest, value.index());
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return mix(digest, static_cast<std::uint64_t>(*integer));
  if (const auto* real = std::get_if<double>(&value)) {
    std::uint64_t bits = 0;
    static_assert(sizeof bits == sizeof *real);
    __builtin_memcpy(&bits, real, sizeof bits);
    return mix(digest, bits);
  }
  if (const auto* text = std::get_if<std::string>(&value)) return mix(digest, hash_name(*text));
  if (const auto* blob = std::get_if<Blob>(&value)) return mix(digest, hash_name(blob->bytes));
  return digest;
}

Digest128 fold(Digest128 digest, const SessionToken& token) {
  if (token.kind() == SessionToken::Kind::kBookmark) return fold(digest, token.bookmark());
  return mix(digest, hash_name(token.text()));
}

}  // namespace

std::uint32_t Append::wire_bytes() const {
  std::uint32_t total = kHeaderBytes;
  for (const EntryRef& entry : entries) total += entry->bytes();
  return total;
}
std::uint64_t Append::digest() const {
  return fold(mix(start(MessageType::kAppend), entries.size()), entries.back()->bookmark()).low;
}
std::string Append::describe() const {
  return "Append " + std::to_string(entries.size()) + " up to " + entries.back()->bookmark().text();
}

std::uint64_t Ack::digest() const {
  const Digest128 digest = mix(mix(start(MessageType::kAck), follower), static_cast<std::uint64_t>(state));
  return fold(mix(mix(digest, epoch), generation), bookmark).low;
}
std::string Ack::describe() const {
  return "Ack of follower " + std::to_string(follower) + " up to " + bookmark.text();
}

std::uint64_t Confirm::digest() const {
  return fold(start(MessageType::kConfirm), bookmark).low;
}
std::string Confirm::describe() const {
  return "Confirm up to " + bookmark.text();
}

std::uint64_t Trim::digest() const {
  return fold(start(MessageType::kTrim), bookmark).low;
}
std::string Trim::describe() const {
  return "Trim up to " + bookmark.text();
}

std::uint64_t Register::digest() const {
  return fold(fold(mix(start(MessageType::kRegister), replica), have), visible).low;
}
std::string Register::describe() const {
  return "Register after " + have.text();
}

std::uint64_t Registered::digest() const {
  return fold(fold(mix(start(MessageType::kRegistered), accepted ? 1 : 0), confirmed), after).low;
}
std::string Registered::describe() const {
  return accepted ? "Registered, confirmed up to " + confirmed.text() : std::string("Registered: no, boot again");
}

std::uint64_t Seal::digest() const {
  return mix(start(MessageType::kSeal), epoch).low;
}
std::string Seal::describe() const {
  return "Seal epoch " + std::to_string(epoch);
}

std::uint64_t Sealed::digest() const {
  const Digest128 digest = mix(mix(start(MessageType::kSealed), follower), epoch);
  return fold(fold(mix(mix(digest, static_cast<std::uint64_t>(state)), generation), last), base).low;
}
std::string Sealed::describe() const {
  return "Sealed by follower " + std::to_string(follower) + " for epoch " + std::to_string(epoch) + " at " +
         last.text();
}

std::uint64_t Fetch::digest() const {
  return fold(mix(mix(start(MessageType::kFetch), epoch), most_entries), after).low;
}
std::string Fetch::describe() const {
  return "Fetch after " + after.text();
}

std::uint32_t Fetched::wire_bytes() const {
  std::uint32_t total = kHeaderBytes + 80;
  for (const EntryRef& entry : entries) total += entry->bytes();
  return total;
}
std::uint64_t Fetched::digest() const {
  const Digest128 digest = mix(mix(mix(start(MessageType::kFetched), follower), ok ? 1 : 0), entries.size());
  return fold(digest, entries.empty() ? after : entries.back()->bookmark()).low;
}
std::string Fetched::describe() const {
  return "Fetched " + std::to_string(entries.size()) + " after " + after.text() + (ok ? "" : ", refused");
}

std::uint64_t Join::digest() const {
  return fold(fold(mix(mix(start(MessageType::kJoin), epoch), generation), base), target).low;
}
std::string Join::describe() const {
  return "Join after " + base.text() + ", member from " + target.text();
}

std::uint32_t D1Request::wire_bytes() const {
  std::uint32_t total = kHeaderBytes + Bookmark::kTextLength;
  for (const Statement& statement : statements) {
    total += 32 + static_cast<std::uint32_t>(statement.sql.size());
    for (const SqlValue& value : statement.params) total += value_bytes(value);
  }
  return total;
}
std::uint64_t D1Request::digest() const {
  Digest128 digest = fold(mix(start(MessageType::kD1Request), id), token);
  for (const Statement& statement : statements) {
    digest = mix(digest, hash_name(statement.sql));
    for (const SqlValue& value : statement.params) digest = fold(digest, value);
  }
  return digest.low;
}
std::string D1Request::describe() const {
  return "D1Request " + std::to_string(id) + " " + (statements.empty() ? std::string() : statements.front().sql);
}

std::uint32_t D1Response::wire_bytes() const {
  std::uint32_t total = kHeaderBytes + Bookmark::kTextLength + static_cast<std::uint32_t>(error.size());
  for (const StatementResult& result : results) total += 128 + (result.rows ? result.rows->wire_bytes() : 0);
  return total;
}
std::uint64_t D1Response::digest() const {
  Digest128 digest = fold(mix(mix(start(MessageType::kD1Response), id), success ? 1 : 0), bookmark);
  if (!error.empty()) digest = mix(digest, hash_name(error));
  for (const StatementResult& result : results) {
    if (result.rows) digest = mix(mix(digest, result.rows->digest().high), result.rows->digest().low);
  }
  return digest.low;
}
std::string D1Response::describe() const {
  return "D1Response " + std::to_string(id) + (success ? " ok" : " " + error);
}

}  // namespace tidemark::model
