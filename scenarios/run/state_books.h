// StateBooks: whole states of an application's database, and what files of SQL make, with stock SQLite and outside of
// virtual time. Nothing of the run is touched; SQLite's generator is put back where it was.
#pragma once

#include <cstdint>

#include "model/apps/application.h"
#include "scenarios/run/log_images.h"

namespace tidemark::scenarios {

class StateBooks final : public model::StateLibrary {
 public:
  /// `images` must outlive it.
  StateBooks(const LogImages& images, std::uint32_t page_size) : images_(images), page_size_(page_size) {}

  std::optional<model::DatabaseContent> content_at(const model::Bookmark& at) const override;
  model::DatabaseContent load(std::span<const std::string> statements, std::string& problem) const override;

 private:
  const LogImages& images_;
  const std::uint32_t page_size_;
};

}  // namespace tidemark::scenarios
