// How many connections each workload had established at moments that are asked for later, or never: a mark costs no
// copy of the counts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace netlimits::sim {

class EstablishedLog {
  struct Stretch {
    std::vector<std::uint64_t> before;  // by workload
    std::vector<std::uint32_t> since;   // whose was the next
  };

 public:
  class Mark {
   public:
    // By workload.
    std::vector<std::uint64_t> counts() const {
      std::vector<std::uint64_t> all = stretch_->before;
      for (std::size_t i = 0; i < length_; ++i) ++all[stretch_->since[i]];
      return all;
    }

   private:
    friend class EstablishedLog;
    std::shared_ptr<const Stretch> stretch_;
    std::size_t length_ = 0;
  };

  explicit EstablishedLog(std::size_t workloads) : now_(std::make_shared<Stretch>()) { now_->before.resize(workloads); }

  void established(std::size_t workload) {
    now_->since.push_back(static_cast<std::uint32_t>(workload));
    // A stretch that no mark needs is freed with its last one; a new one costs as much as the last one was long.
    if (now_->since.size() < std::max(now_->before.size(), shortest)) return;
    auto next = std::make_shared<Stretch>();
    next->before = mark().counts();
    now_ = std::move(next);
  }

  Mark mark() const {
    Mark made;
    made.stretch_ = now_;
    made.length_ = now_->since.size();
    return made;
  }

 private:
  static constexpr std::size_t shortest = 256;
  std::shared_ptr<Stretch> now_;
};

}  // namespace netlimits::sim
