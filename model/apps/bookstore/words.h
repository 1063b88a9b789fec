// The words that the catalogue of the bookstore is made of, and that its customers search for.
#pragma once

#include <array>
#include <string_view>

namespace tidemark::model::bookstore {

inline constexpr std::array<std::string_view, 8> kFirstWords = {"Amber", "Broken", "Crimson", "Distant",
                                                                "Early", "Frozen", "Golden",  "Hidden"};
inline constexpr std::array<std::string_view, 8> kSecondWords = {"River", "Harbour", "Garden", "Winter",
                                                                 "Road",  "Letter",  "Island", "Clock"};
inline constexpr std::array<std::string_view, 6> kFirstNames = {"Ada", "Bruno", "Clara", "Diego", "Elsa", "Femi"};
inline constexpr std::array<std::string_view, 4> kLastNames = {"Moor", "Nilsson", "Okafor", "Park"};
inline constexpr std::array<std::string_view, 6> kCategories = {"Cooking", "Databases",       "Fairy Tales",
                                                                "Home",    "Science Fiction", "Woodwork"};

}  // namespace tidemark::model::bookstore
