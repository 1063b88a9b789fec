// What a client and a worker say to each other: HTTP requests and answers as typed messages.
//
// The body is kept as the values that the application reads and writes; to_json() renders the exact text that would be
// on the wire, for tests and people. Fields marked "observers" would not be sent; no model code decides by them.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/protocol/messages.h"
#include "model/types/bookmark.h"
#include "model/types/value.h"
#include "sim/core/payload.h"
#include "sim/core/time.h"

namespace tidemark::model {

enum class HttpMethod : std::uint8_t { kGet, kPost };

/// Every route of the applications. A closed list, so that nothing on the hot path compares paths.
enum class HttpRoute : std::uint8_t {
  kOrders,       // /api/orders: GET lists, POST inserts and lists
  kReset,        // /api/reset: POST drops and makes the application's tables
  kTxn,          // /api/txn: POST micro-operations; GET reads keys, concurrently in one session
  kEvents,       // /api/events: POST one row (write load)
  kEventsReset,  // /api/events/reset: POST makes the table of the write load
  kSql,          // /api/sql: POST runs a text of the caller's as it is
  kUnknown,      // anything else: 404
  kAction,       // /api/action: POST an action of an application by its name
};
std::string_view path_of(HttpRoute route);
std::string_view name_of(HttpMethod method);

struct OrderBody {
  std::string customer;
  std::string order;
  std::int64_t quantity = 0;
};

/// One micro-operation of /api/txn.
struct MicroOp {
  enum class Kind : std::uint8_t { kReadRegister, kWriteRegister, kReadList, kAppendList };
  Kind kind = Kind::kReadRegister;
  std::int64_t key = 0;
  std::int64_t value = 0;  // writes and appends
  bool writes() const { return kind == Kind::kWriteRegister || kind == Kind::kAppendList; }
};

/// POST: one transaction of these, a batch when there are several. GET: reads only, each a query of its own.
struct TxnBody {
  std::vector<MicroOp> ops;
  std::uint32_t padding = 0;  // extra bytes to write with every written row
  bool concurrent = false;    // one query each, all at the same time, instead of one after the other in one transaction
};

struct EventBody {
  std::int64_t id = 0;
  std::uint32_t padding = 0;
};

/// GET /api/orders: the table so many times, all queries at the same time in one session.
struct ListBody {
  std::uint32_t queries = 1;
};

/// POST /api/sql.
struct SqlBody {
  std::string sql;
  std::vector<SqlValue> params;
};

/// POST /api/action: what a user of an application does, and with which values.
struct ActionBody {
  std::string name;
  std::vector<SqlValue> values;
};

/// What an action adds to a digest, its text (`{"action":...,"values":[...]}`), and its bytes in that text, about.
Digest128 fold(Digest128 digest, const ActionBody& body);
std::string to_json(const ActionBody& body);
std::uint32_t wire_bytes(const ActionBody& body);
/// Rows as a JSON array of objects; "[]" for nullptr.
std::string to_json(const ResultSetRef& rows);

using HttpBody = std::variant<std::monostate, OrderBody, TxnBody, EventBody, ListBody, SqlBody, ActionBody>;

/// Client -> worker.
struct HttpRequest final : sim::Payload {
  HttpRequest() : Payload(static_cast<std::uint16_t>(MessageType::kHttpRequest)) {}
  std::uint32_t wire_bytes() const override;
  std::uint64_t digest() const override;
  std::string describe() const override;
  /// The body's exact text; empty when there is none.
  std::string to_json() const;

  std::uint64_t id = 0;        // chosen by the client; the answer repeats it
  std::uint32_t database = 0;  // which application is meant (the host name)
  HttpMethod method = HttpMethod::kGet;
  HttpRoute route = HttpRoute::kUnknown;
  SessionToken bookmark;  // header x-d1-bookmark; kNone = no header
  HttpBody body;
  std::uint32_t session = 0;  // observers: the checkers' session
};
/// Observers: nobody's session, that of requests that must change nothing.
inline constexpr std::uint32_t kHostileSession = 0xffffffff;
using HttpRequestRef = boost::intrusive_ptr<const HttpRequest>;

/// Worker -> client.
struct HttpResponse final : sim::Payload {
  HttpResponse() : Payload(static_cast<std::uint16_t>(MessageType::kHttpResponse)) {}
  std::uint32_t wire_bytes() const override;
  std::uint64_t digest() const override;
  std::string describe() const override;
  /// The body's exact text. Success: d1Latency (ms), results, servedByRegion, servedByPrimary, sessionBookmark; 404:
  /// the plain text "Not found"; 500: error, errorDetails.
  std::string to_json() const;

  std::uint64_t id = 0;
  std::uint16_t status = 200;
  bool has_bookmark = false;  // is the header x-d1-bookmark there (with an empty value when bookmark is kNone)
  SessionToken bookmark;      // its value
  /// Rows of the last statement (orders), of every micro-operation in order (txn; a nullptr has no rows), or what an
  /// action shows.
  std::vector<ResultSetRef> results;
  sim::Duration d1_latency;
  std::string served_by_region;  // "" = unknown
  bool served_by_primary = false;
  std::string error;  // status 500
  std::string error_details;
  /// Observers: the bookmark that came with each query, in the order of the results; not concurrent: with the last one.
  std::vector<SessionToken> query_bookmarks;
  bool effect_unknown = false;     // observers: something was or may have been written and it is not known what
  std::vector<std::string> notes;  // observers: what the handler of an action tells of itself (Call::note)
  std::int64_t changes = 0;        // observers: rows that the request's own write changed
};
using HttpResponseRef = boost::intrusive_ptr<const HttpResponse>;

/// `text` as a JSON string with its quotes.
std::string json_quote(std::string_view text);

}  // namespace tidemark::model
