// ColdTruth: what lies in cold storage, seen at the object store itself, whoever put it there and whether or not he
// lives to hear of it. Each put and removal that takes effect is read by its key and its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/srs/page_table.h"
#include "model/types/bookmark.h"
#include "sim/disk/object_store_sim.h"

namespace tidemark::scenarios {

class ColdTruth final : public sim::StoreObserver {
 public:
  /// Told at the instant of the effect. A put of bytes that cannot be read stores nothing.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void on_snapshot_stored(std::uint32_t database, const model::Bookmark& label,
                                    const model::PageReader& image) = 0;
    virtual void on_segment_stored(std::uint32_t database, const model::Bookmark& previous,
                                   const model::Bookmark& last) = 0;
    /// An object whose content ends at `last`.
    virtual void on_object_removed(std::uint32_t database, const model::Bookmark& last) = 0;
  };

  /// `databases`: names, by number. It must outlive the last event of the store.
  ColdTruth(sim::SimObjectStore& store, std::vector<std::string> databases, std::uint32_t page_size,
            Listener& listener);
  ColdTruth(const ColdTruth&) = delete;
  ColdTruth& operator=(const ColdTruth&) = delete;

 private:
  void on_put(std::string_view key, const sim::ObjectBody& body) override;
  void on_remove(std::string_view key) override;

  const std::vector<std::string> databases_;
  const std::uint32_t page_size_;
  Listener& listener_;
};

}  // namespace tidemark::scenarios
