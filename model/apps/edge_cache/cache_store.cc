#include "model/apps/edge_cache/cache_store.h"

#include <utility>

namespace tidemark::model {
namespace {

std::uint64_t bytes_of(const std::string& url, const CachedAnswer& answer) {
  std::uint64_t bytes = url.size();
  for (const ResultSetRef& rows : answer.shown) bytes += rows ? rows->wire_bytes() : 0;
  return bytes;
}

}  // namespace

const CachedAnswer* CacheStore::find(const std::string& url, sim::Instant now) {
  const auto found = entries_.find(url);
  if (found == entries_.end()) return nullptr;
  if (found->second.answer.expires <= now) {
    erase(found);
    return nullptr;
  }
  uses_.erase(found->second.used);
  found->second.used = ++last_use_;
  uses_.emplace(last_use_, url);
  return &found->second.answer;
}

void CacheStore::put(const std::string& url, CachedAnswer answer) {
  drop(url);
  const std::uint64_t bytes = bytes_of(url, answer);
  if (bytes > most_bytes_) return;
  while (bytes_ + bytes > most_bytes_) erase(entries_.find(uses_.begin()->second));
  for (const std::string& record : answer.records) by_record_[record].insert(url);
  for (const std::string& table : answer.tables) by_table_[table].insert(url);
  entries_.emplace(url, Entry{std::move(answer), bytes, ++last_use_});
  uses_.emplace(last_use_, url);
  bytes_ += bytes;
}

bool CacheStore::drop(const std::string& url) {
  const auto found = entries_.find(url);
  if (found == entries_.end()) return false;
  erase(found);
  return true;
}

void CacheStore::erase(std::map<std::string, Entry>::iterator entry) {
  const std::string url = entry->first;
  forget(by_record_, entry->second.answer.records, url);
  forget(by_table_, entry->second.answer.tables, url);
  uses_.erase(entry->second.used);
  bytes_ -= entry->second.bytes;
  entries_.erase(entry);
}

void CacheStore::forget(Index& index, const std::vector<std::string>& names, const std::string& url) {
  for (const std::string& name : names) {
    const auto found = index.find(name);
    if (found == index.end()) continue;
    found->second.erase(url);
    if (found->second.empty()) index.erase(found);
  }
}

std::vector<std::string> CacheStore::urls() const {
  std::vector<std::string> all;
  for (const auto& [url, entry] : entries_) all.push_back(url);
  return all;
}

std::vector<std::string> CacheStore::urls_of(const Index& index, const std::string& name) {
  const auto found = index.find(name);
  if (found == index.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace tidemark::model
