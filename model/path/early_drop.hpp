// What a full table of tracked connections may take away for a new one: an entry nearby that nobody has answered.
//
// Source: net/netfilter/nf_conntrack_core.c, early_drop(): of eight buckets, from the newcomer's own on, the entries
// that are not assured; each entry lies in two buckets, by its tuple and by that of the answers. Where few entries are
// unanswered among many buckets a newcomer hardly ever finds one; where the buckets are full of them it nearly always
// does. Left out: that an entry whose handshake is just under way is not assured either. An entry is taken here once it
// has been there unanswered for a second, when its SYN has been sent again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/net/endpoint.hpp"
#include "model/net/time.hpp"

namespace netlimits {

inline constexpr Duration unanswered_long_enough = std::chrono::seconds(1);

class EarlyDrop {
 public:
  // `salt` stands for the secret that the kernel's hash has. Requires: some buckets.
  EarlyDrop(std::uint64_t buckets, std::uint32_t salt) : buckets_(buckets), salt_(salt) {}

  // Entries that nobody has answered yet, by the view of who began them.
  void add(const FourTuple& entry, SimTime now) {
    for (const std::uint64_t bucket : {bucket_of(entry), bucket_of(entry.reversed())})
      entries_[bucket].push_back({entry, now});
  }
  void remove(const FourTuple& entry) {
    for (const std::uint64_t bucket : {bucket_of(entry), bucket_of(entry.reversed())}) {
      const auto found = entries_.find(bucket);
      if (found == entries_.end()) continue;
      std::erase_if(found->second, [&](const Entry& one) { return one.entry == entry; });
      if (found->second.empty()) entries_.erase(found);
    }
  }

  // The one that has to go for a newcomer. Nothing: none is near.
  std::optional<FourTuple> near(const FourTuple& newcomer, SimTime now) const {
    constexpr std::uint64_t range = 8;  // NF_CT_EVICTION_RANGE
    if (entries_.empty()) return std::nullopt;
    const std::uint64_t first = bucket_of(newcomer);
    for (std::uint64_t i = 0; i < std::min(range, buckets_); ++i) {
      const auto found = entries_.find((first + i) % buckets_);
      if (found == entries_.end()) continue;
      const auto old = std::find_if(found->second.begin(), found->second.end(),
                                    [&](const Entry& one) { return now - one.since >= unanswered_long_enough; });
      if (old != found->second.end()) return old->entry;
    }
    return std::nullopt;
  }

 private:
  struct Entry {
    FourTuple entry{};
    SimTime since{};
  };

  std::uint64_t bucket_of(const FourTuple& tuple) const {
    constexpr std::uint64_t spread = 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = salt_;
    const auto mix = [&](std::uint64_t part) {
      mixed = (mixed ^ part) * spread;
      mixed ^= mixed >> 29U;
    };
    for (const Endpoint* end : {&tuple.local, &tuple.remote}) {
      mix(end->address.high());
      mix(end->address.low());
      mix(end->port.value);
    }
    return mixed % buckets_;
  }

  std::uint64_t buckets_;
  std::uint32_t salt_;
  std::unordered_map<std::uint64_t, std::vector<Entry>> entries_{};
};

}  // namespace netlimits
