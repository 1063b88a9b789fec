// Who wrote and who read which version of which key, as places in the order of the versions. For the session
// guarantees.
#pragma once

#include <span>
#include <vector>

#include "checkers/graph/inference.h"
#include "checkers/graph/register_orders.h"

namespace tidemark::checkers::graph {

/// A read at place p sees exactly the writes at places up to p. Place 0 is the beginning. Of a key whose order is
/// partial (register_orders.h) the place says only which version: 1 + its place among RegisterVersions::writers().
struct Access {
  std::uint32_t key = 0;
  std::uint32_t place = 0;
  bool write = false;
};

class Accesses {
 public:
  static constexpr std::uint32_t kUnread = UINT32_MAX;  // a write behind everything that was read

  Accesses(const Inference& inference, const RegisterOrders& orders);

  std::span<const Access> of(Node transaction) const {
    return {accesses_.data() + starts_[transaction], accesses_.data() + starts_[transaction + 1]};
  }
  /// By place.
  struct Writer {
    std::uint32_t place;
    Node transaction;
  };
  std::span<const Writer> writers(std::uint32_t key) const {
    return {writers_.data() + writer_starts_[key], writers_.data() + writer_starts_[key + 1]};
  }
  /// Some reads are left out: the place of what they found is not known.
  bool incomplete() const { return incomplete_; }

 private:
  void add(const Inference& inference, Node transaction);
  bool place_of(const Inference& inference, Node transaction, std::uint32_t event, Access& access);
  bool place_in_register(const Inference& inference, Node transaction, const Event& event, Access& access);

  /// 0: it wrote no version that has a place.
  std::uint32_t place_of_writer(const Inference& inference, std::uint32_t key, Node writer) const;

  const RegisterOrders& orders_;
  std::vector<RegisterRead> found_;  // by reader, then key
  std::vector<std::uint32_t> starts_;
  std::vector<Access> accesses_;
  std::vector<std::uint32_t> writer_starts_;
  std::vector<Writer> writers_;
  bool incomplete_ = false;
};

}  // namespace tidemark::checkers::graph
