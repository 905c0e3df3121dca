// The name of a host, a process or a balancer, held in place.
//
// A scenario's names have at most 64 letters (contract, section 3: letters, digits, '.', '_' and '-'), so a name needs
// no memory of its own: it is copied like a number, and can lie in memory that processes share.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string_view>

namespace netlimits {

class Name {
 public:
  static constexpr std::size_t longest = 64;

  Name() = default;  // no name
  // Throws std::length_error if the text is longer than `longest`: cut, it would be another name.
  explicit Name(std::string_view text) {
    if (text.size() > longest) throw std::length_error("a name has at most 64 letters");
    text.copy(letters_.data(), text.size());
  }

  bool empty() const { return letters_.front() == '\0'; }
  std::string_view view() const {
    const void* end = std::memchr(letters_.data(), '\0', longest);
    return {letters_.data(),
            end == nullptr ? longest : static_cast<std::size_t>(static_cast<const char*>(end) - letters_.data())};
  }

  bool operator==(const Name& other) const { return (*this <=> other) == 0; }
  // The order of the texts, byte by byte: what is behind the end is zero.
  std::strong_ordering operator<=>(const Name& other) const {
    return std::memcmp(letters_.data(), other.letters_.data(), longest) <=> 0;
  }

 private:
  std::array<char, longest> letters_{};
};

inline std::size_t hash_value(const Name& name) { return std::hash<std::string_view>{}(name.view()); }

}  // namespace netlimits
