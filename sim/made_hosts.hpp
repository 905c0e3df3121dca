// The hosts of a network to which anything has happened yet. A host that nothing happens to costs nothing: a group of a
// million like hosts is as cheap as those of them that connect.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "sim/layout.hpp"

namespace netlimits::sim {

// Hosts by number, at addresses that stay.
class MadeHosts {
 public:
  explicit MadeHosts(std::size_t hosts) : pages_((hosts + page_size - 1) / page_size) {}

  // Nothing: it was not made. Requires: number is below the count of hosts.
  HostInstance* find(std::uint32_t number) {
    const std::uint32_t place = place_of(number);
    return place == 0 ? nullptr : &hosts_[place - 1];
  }
  const HostInstance* find(std::uint32_t number) const {
    const std::uint32_t place = place_of(number);
    return place == 0 ? nullptr : &hosts_[place - 1];
  }

  // Requires: it was not made.
  HostInstance& add(HostInstance&& host) {
    auto& page = pages_[host.number / page_size];
    if (!page) page = std::make_unique<Page>();
    hosts_.push_back(std::move(host));
    (*page)[hosts_.back().number % page_size] = static_cast<std::uint32_t>(hosts_.size());
    return hosts_.back();
  }

  std::size_t size() const { return hosts_.size(); }

  // In the order of their numbers.
  template <class Visit>
  void each(Visit&& visit) const {
    for (const std::uint32_t place : places()) visit(hosts_[place]);
  }
  template <class Visit>
  void each(Visit&& visit) {
    for (const std::uint32_t place : places()) visit(hosts_[place]);
  }

 private:
  static constexpr std::size_t page_size = 1024;
  using Page = std::array<std::uint32_t, page_size>;  // one more than the place in hosts_; 0: not made

  std::vector<std::uint32_t> places() const {
    std::vector<std::uint32_t> in_order;
    in_order.reserve(hosts_.size());
    for (const auto& page : pages_) {
      if (!page) continue;
      for (const std::uint32_t place : *page) {
        if (place != 0) in_order.push_back(place - 1);
      }
    }
    return in_order;
  }

  std::uint32_t place_of(std::uint32_t number) const {
    const auto& page = pages_[number / page_size];
    return page ? (*page)[number % page_size] : 0;
  }

  std::vector<std::unique_ptr<Page>> pages_;
  std::deque<HostInstance> hosts_;
};

}  // namespace netlimits::sim
