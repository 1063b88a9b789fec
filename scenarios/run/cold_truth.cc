#include "scenarios/run/cold_truth.h"

#include <utility>

#include "model/srs/cold_format.h"

namespace tidemark::scenarios {

using model::srs::ColdKey;

ColdTruth::ColdTruth(sim::SimObjectStore& store, std::vector<std::string> databases, std::uint32_t page_size,
                     Listener& listener)
    : databases_(std::move(databases)), page_size_(page_size), listener_(listener) {
  store.observe(this);
}

void ColdTruth::on_put(std::string_view key, const sim::ObjectBody& body) {
  ColdKey what;
  std::string problem;
  for (std::uint32_t database = 0; database < databases_.size(); ++database) {
    if (!model::srs::parse_key(databases_[database], key, what)) continue;
    if (what.kind == ColdKey::Kind::kSnapshot) {
      model::srs::PageTable image;
      if (model::srs::decode_snapshot(body, page_size_, image, problem))
        listener_.on_snapshot_stored(database, what.last, image);
      continue;
    }
    std::vector<model::EntryRef> entries;
    if (model::srs::decode_segment(body, page_size_, entries, problem))
      listener_.on_segment_stored(database, entries.front()->previous(), entries.back()->bookmark());
  }
}

void ColdTruth::on_remove(std::string_view key) {
  ColdKey what;
  for (std::uint32_t database = 0; database < databases_.size(); ++database) {
    if (model::srs::parse_key(databases_[database], key, what)) listener_.on_object_removed(database, what.last);
  }
}

}  // namespace tidemark::scenarios
