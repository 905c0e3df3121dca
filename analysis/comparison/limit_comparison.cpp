// The limits of a comparison: which were met, and how much of each was in use at most.
#include <algorithm>
#include <variant>

#include "analysis/comparison/compared_sides.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::analysis {
namespace {

constexpr const char* by_like_sockets =
    "connections whose ports come from elsewhere go to the same destination, and sockets do not say whence";

const LimitUse* use_of(const RunResult& result, const LimitUse& wanted) {
  const auto found = std::find_if(result.limits.begin(), result.limits.end(), [&](const LimitUse& each) {
    return each.limit == wanted.limit && each.place == wanted.place;
  });
  return found == result.limits.end() ? nullptr : &*found;
}

const char* words(bool yes) { return yes ? "true" : "false"; }

class LimitComparison {
 public:
  LimitComparison(const ComparedSides& sides, CheckList& checks) : sides_(sides), checks_(checks) {}

  void run() {
    for (std::size_t i = 0; i < sides_.predicted.limits.size(); ++i) {
      const LimitUse& use = sides_.predicted.limits[i];
      const LimitUse* seen = use_of(sides_.observed, use);
      const std::string metric = "/limits/" + std::to_string(i);
      checks_.about(std::string(name_of(use.limit)) + " at " + use.place.text());
      compare_exhausted(metric, use, seen);
      compare_peak(metric, use, seen);
    }
    checks_.about({});
  }

 private:
  bool draw_decides(const LimitUse& use) const {
    const Limit limit = use.limit;
    return sides_.variation.hashed && (limit == Limit::fd_per_process || limit == Limit::listen_backlog);
  }

  // Of several processes that take from one queue, chance gives one more than its share before the others wake up.
  bool shared_by_chance(const LimitUse& use) const {
    const auto* process = std::get_if<ProcessPlace>(&use.place.what);
    if (process == nullptr || use.limit != Limit::fd_per_process) return false;
    const auto host = sides_.predicted.hosts.find(std::string(process->on.name.view()));
    if (host == sides_.predicted.hosts.end()) return false;
    const auto counts = host->second.processes.find(std::string(process->process.view()));
    if (counts == host->second.processes.end() || counts->second.accepted == 0) return false;
    return shares_of(sides_.scenario, host->first, counts->first, counts->second).instances > 1;
  }

  bool looks_alike(const Place& pool) const {
    const HostPlace* host = pool.host();
    return !sides_.tolerances.tells_pools && host != nullptr &&
           sides_.variation.pools_that_look_alike.contains(std::string(host->name.view()));
  }

  bool odd_range() const {
    return std::any_of(sides_.variation.workloads.begin(), sides_.variation.workloads.end(),
                       [](const auto& each) { return each.second.spread > 0; });
  }

  // Does the program behind this queue take anybody out of it?
  bool is_accepted(const Place& queue) const {
    const auto* const place = std::get_if<ListenerPlace>(&queue.what);
    if (place == nullptr) return false;
    const auto host = sides_.scenario.hosts.find(std::string(place->on.name.view()));
    if (host == sides_.scenario.hosts.end()) return false;
    for (const Process& process : host->second.processes) {
      if (process.name != place->process.view()) continue;
      return std::any_of(process.listeners.begin(), process.listeners.end(), [&](const Listener& listener) {
        return listener.endpoint == place->endpoint && !std::holds_alternative<AcceptStalled>(listener.accept);
      });
    }
    return false;
  }

  // Are ports of this pool given back at once, because the far side refuses or does not answer?
  bool refused_from_afar(const Place& place) const {
    for (const auto& [name, workload] : sides_.predicted.workloads) {
      for (const Failure& failure : workload.failures) {
        // A pool of all destinations has another place than each of them, and the same host.
        const bool here = failure.place == place || (failure.place.host() != nullptr && place.host() != nullptr &&
                                                     *failure.place.host() == *place.host());
        if (here && failure.limit != Limit::ephemeral_ports) return true;
      }
    }
    return false;
  }

  // Does the limit's use follow the clock or a busy machine's turns rather than the rule alone?
  bool comes_and_goes(const LimitUse& use) const {
    return sides_.connections_end() || sides_.variation.retries || sides_.variation.timed ||
           sides_.variation.repeated_syns || use.limit == Limit::time_wait_buckets;
  }

  void compare_exhausted(const std::string& metric, const LimitUse& use, const LimitUse* seen) {
    // Nothing was refused on either side: its use says the rest.
    const bool met = seen != nullptr && seen->exhausted;
    if ((!use.exhausted && !met) || sides_.observed.limits.empty() || draw_decides(use)) return;
    if (use.limit == Limit::listen_backlog && !sides_.tolerances.sees_counters) return;
    const bool same = use.exhausted == met;
    if (!same && use.limit == Limit::ephemeral_ports && looks_alike(use.place)) {
      return checks_.add(metric + "/exhausted", std::string(words(use.exhausted)), std::string(words(met)),
                         CheckVerdict::not_determined, by_like_sockets);
    }
    // A real server takes time to accept: a queue that the model never fills may overflow for a moment.
    const bool by_chance = shared_by_chance(use);
    const bool open = use.limit == Limit::listen_backlog || comes_and_goes(use) || odd_range() || by_chance;
    checks_.add(metric + "/exhausted", std::string(words(use.exhausted)), std::string(words(met)),
                same   ? CheckVerdict::agrees
                : open ? CheckVerdict::not_determined
                       : CheckVerdict::differs,
                same        ? ""
                : by_chance ? by_draw
                            : by_moments);
  }

  // Descriptors and TIME_WAIT entries are compared where their host is; a queue of a server that accepts at once is the
  // machine's affair unless it was full.
  void compare_peak(const std::string& metric, const LimitUse& use, const LimitUse* seen) {
    const bool port_pool = use.limit == Limit::ephemeral_ports;
    const bool of_gateway = use.limit == Limit::nat_ports || use.limit == Limit::conntrack_entries;
    const bool full_queue = use.limit == Limit::listen_backlog && use.exhausted && use.peak == use.capacity;
    if ((!port_pool && !of_gateway && !full_queue) || draw_decides(use)) return;
    if (port_pool && !use.exhausted && refused_from_afar(use.place)) return;
    const std::string key = metric + "/peak";
    if (port_pool && looks_alike(use.place)) return checks_.unseen(key, use.peak, by_like_sockets);
    if (sides_.observed.limits.empty()) return checks_.unseen(key, use.peak, "limits were not observed");
    const std::uint64_t peak = seen != nullptr ? seen->peak : 0;
    // Who looks now and then sees at most what there was.
    if (comes_and_goes(use) && peak <= use.peak) return checks_.within(key, {0, use.peak}, peak, by_sampling);
    if (comes_and_goes(use)) return checks_.near_or_open(key, use.peak, peak, by_turns);
    // Those that met the full queue with their last ACK believe that they are connected, and do not come again.
    if (full_queue && is_accepted(use.place)) return checks_.equal_or_open(key, use.peak, peak, by_handshakes);
    if (seen == nullptr) return checks_.exact(key, use.peak, 0);
    if (port_pool && odd_range()) return checks_.within(key, around(use.peak, 1), seen->peak, by_odd_range);
    checks_.exact(key, use.peak, seen->peak);
  }

  const ComparedSides& sides_;
  CheckList& checks_;
};

}  // namespace

void compare_limits(const ComparedSides& sides, CheckList& checks) { LimitComparison(sides, checks).run(); }

}  // namespace netlimits::analysis
