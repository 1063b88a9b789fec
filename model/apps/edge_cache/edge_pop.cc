#include "model/apps/edge_cache/edge_pop.h"

#include <algorithm>
#include <utility>

#include "model/apps/edge_cache/pages.h"

namespace tidemark::model {
namespace {

std::string pop_of(const std::string& process) {
  return process.substr(process.find('/') + 1);
}

/// The rows of a list with this one in its place.
ResultSetRef with_row(const ResultSetRef& list, const ShownPage::Row& row) {
  ResultSet::Builder builder(column_names(list->names()));
  for (std::uint32_t i = 0; i < list->rows(); ++i) {
    const std::span<const Cell> cells = list->row(i);
    const bool same = number_at(list, i, 0) == row.id;
    builder.add_integer(cells[0].integer);
    builder.add_integer(cells[1].integer);
    builder.add_text(same ? std::string_view(row.name) : cells[2].text());
    builder.add_integer(same ? row.revision : cells[3].integer);
  }
  return builder.finish();
}

}  // namespace

EdgePop::EdgePop(const AppContext& context, const CacheOptions& options, EdgeMistakes mistakes)
    : context_(context),
      options_(options),
      mistakes_(mistakes),
      name_(pop_of(context.env.process().name())),
      store_(options.memory_bytes) {}

const CachedAnswer* EdgePop::look_up(const ActionBody& page, const SessionToken& held) {
  if (options_.strategy == CacheStrategy::kOff) return nullptr;
  const CachedAnswer* const found = store_.find(url_of(page), now());
  if (found == nullptr || options_.strategy != CacheStrategy::kBookmark) return found;
  switch (held.kind()) {
    case SessionToken::Kind::kNone:
    case SessionToken::Kind::kFirstUnconstrained:
      return found;
    case SessionToken::Kind::kBookmark:
      return found->read_at.text_less(held) ? nullptr : found;
    // Who asks for the primary gets it, and what is no bookmark is for the database to refuse.
    case SessionToken::Kind::kFirstPrimary:
    case SessionToken::Kind::kForeign:
      break;
  }
  return nullptr;
}

void EdgePop::keep(const ActionBody& page, std::vector<ResultSetRef> shown, const SessionToken& read_at) {
  CachedAnswer answer;
  answer.request = page;
  answer.shown = std::move(shown);
  answer.read_at = read_at;
  put(std::move(answer));
}

/// A late answer to an early query may come after one that is newer. With tags the newer one stays; without, nobody can
/// tell, and what comes last is kept.
void EdgePop::put(CachedAnswer answer) {
  if (options_.strategy == CacheStrategy::kOff) return;
  const std::string url = url_of(answer.request);
  const CachedAnswer* const there = store_.find(url, now());
  const bool tagged = options_.strategy == CacheStrategy::kBookmark;
  if (tagged && there != nullptr && answer.read_at.text_less(there->read_at)) return;
  const sim::Duration own = answer.request.name == "item" ? options_.item_expiry : options_.list_expiry;
  answer.stored = now();
  answer.expires = now() + (own.ns() > 0 ? own : options_.expiry);
  note_dependencies(answer);
  store_.put(url, std::move(answer));
}

void EdgePop::written(const ActionBody& write, const std::vector<ResultSetRef>& shown, const SessionToken& at) {
  const ShownPage row = read_page(shown);
  const std::vector<SqlValue> names = purged_by(write, row.rows.empty() ? 0 : row.rows.front().category);
  if (mistakes_.lists_patched) {
    patch_lists(shown, at);
  } else {
    // The record's own page stays where it is replaced anyway.
    drop(names, at, updates_here(write) ? url_of({"item", {number_of(write, 0)}}) : "");
  }
  if (mistakes_.untouched_retagged) retag_untouched(write, at);
  if (updates_here(write)) keep({"item", {number_of(write, 0)}}, shown, at);
  if (!names.empty()) tell_others(names, at);
}

/// Tracking knows records and tables, a developer the URLs that come to mind: that the newest items may show a renamed
/// one is forgotten. A relabelling passes by the cache: only the developer who does it can purge what it touches.
std::vector<SqlValue> EdgePop::purged_by(const ActionBody& write, std::int64_t category) const {
  const std::string record = record_of_item(number_of(write, 0));
  const std::string own = url_of({"item", {number_of(write, 0)}});
  const std::string list = url_of({"list", {category}});
  const std::string newest = url_of({"newest", {}});
  if (options_.strategy == CacheStrategy::kManual) {
    if (write.name == "rename") return {"url", own, "url", list};
    if (write.name == "add") return {"url", own, "url", list, "url", newest};
    return {"url", list};
  }
  if (options_.strategy != CacheStrategy::kTracking || write.name == "relabel") return {};
  std::vector<SqlValue> names = {"record", record};
  if (write.name == "add") {
    names.emplace_back("table");
    names.emplace_back(std::string(kItemsTable));
  }
  return names;
}

/// The write has read the row in its own transaction, so its bookmark is right for the row's page; no list is known to
/// be as it was but for this row.
bool EdgePop::updates_here(const ActionBody& write) const {
  const bool knows = options_.strategy == CacheStrategy::kTracking || options_.strategy == CacheStrategy::kBookmark;
  return knows && options_.local_update && write.name != "relabel";
}

/// A mistake: the row is replaced in the lists that show it, and they pass for as new as the write.
void EdgePop::patch_lists(const std::vector<ResultSetRef>& shown, const SessionToken& at) {
  const ShownPage written = read_page(shown);
  if (written.rows.empty()) return;
  for (const std::string& url : store_.urls_of_record(record_of_item(written.rows.front().id))) {
    const CachedAnswer* const there = store_.find(url, now());
    if (there == nullptr || there->request.name == "item") continue;
    CachedAnswer patched;
    patched.request = there->request;
    patched.shown = {there->shown[0], with_row(there->shown[1], written.rows.front())};
    patched.read_at = at;
    put(std::move(patched));
  }
}

/// A mistake: what does not depend on the record is taken for as new as the write, as if nobody wrote elsewhere.
void EdgePop::retag_untouched(const ActionBody& write, const SessionToken& at) {
  const std::string record =
      write.name == "relabel" ? record_of_category(number_of(write, 0)) : record_of_item(number_of(write, 0));
  const std::vector<std::string> touched = store_.urls_of_record(record);
  for (const std::string& url : store_.urls()) {
    const CachedAnswer* const there = store_.find(url, now());
    if (there == nullptr || std::find(touched.begin(), touched.end(), url) != touched.end()) continue;
    CachedAnswer newer;
    newer.request = there->request;
    newer.shown = there->shown;
    newer.read_at = at;
    put(std::move(newer));
  }
}

void EdgePop::drop(const std::vector<SqlValue>& names, const SessionToken& at, const std::string& except) {
  std::vector<std::string> urls;
  for (std::size_t i = 0; i + 1 < names.size(); i += 2) {
    const auto* const kind = std::get_if<std::string>(&names[i]);
    const auto* const name = std::get_if<std::string>(&names[i + 1]);
    if (kind == nullptr || name == nullptr) continue;
    std::vector<std::string> more;
    if (*kind == "url") more = {*name};
    if (*kind == "record") more = store_.urls_of_record(*name);
    if (*kind == "table") more = store_.urls_of_table(*name);
    urls.insert(urls.end(), more.begin(), more.end());
  }
  for (const std::string& url : urls) {
    const CachedAnswer* const there = url == except ? nullptr : store_.find(url, now());
    if (there == nullptr) continue;
    ActionBody page = there->request;
    store_.drop(url);
    if (options_.refill != CacheRefill::kOff) context_.env.process().spawn(refill(std::move(page), at));
  }
}

sim::Task<void> EdgePop::refill(ActionBody page, SessionToken at) {
  const bool waits = options_.refill == CacheRefill::kBookmark && at.kind() == SessionToken::Kind::kBookmark;
  D1Session session = context_.database.with_session(waits ? at : SessionToken::first_unconstrained());
  const QueryResult result = co_await session.batch(queries_of(page));
  if (!result.ok()) co_return;
  std::vector<ResultSetRef> shown;
  shown.push_back(result.rows(0));
  shown.push_back(result.rows(1));
  keep(page, std::move(shown), result.response->bookmark);
}

void EdgePop::tell_others(const std::vector<SqlValue>& names, const SessionToken& at) {
  for (const std::uint32_t worker : context_.workers) {
    if (worker != context_.env.process().id()) context_.env.process().spawn(tell(worker, names, at));
  }
}

sim::Task<void> EdgePop::tell(std::uint32_t worker, std::vector<SqlValue> names, SessionToken at) {
  std::unique_ptr<RpcClient>& client = others_[worker];
  if (!client) client = std::make_unique<RpcClient>(context_.env.process(), context_.env.network(), worker);
  boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
  request->id = client->next_id();
  request->database = context_.database.number();
  request->method = HttpMethod::kPost;
  request->route = HttpRoute::kAction;
  request->bookmark = std::move(at);
  request->body = ActionBody{"purge", std::move(names)};
  const std::uint64_t id = request->id;
  co_await client->call(id, std::move(request));  // whether it arrived or not
}

}  // namespace tidemark::model
