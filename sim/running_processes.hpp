// The processes of all hosts: which run, what a socket says about its owner, and what each has accepted. Programs (the
// client's, the server's) run on it; a process may be both.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "model/scenario/place.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"
#include "sim/meters.hpp"
#include "sim/network.hpp"

namespace netlimits::sim {

// What the user data of a socket says about its owner. 0: nobody's (a connection that waits for accept()).
enum class Owner : std::uint64_t { nobody = 0, listener = 1, client = 2, server = 3, holder = 4 };
constexpr std::uint64_t user_data(Owner owner, std::uint32_t index) {
  return static_cast<std::uint64_t>(owner) << 32U | index;
}
constexpr Owner owner_of(std::uint64_t data) { return static_cast<Owner>(data >> 32U); }
constexpr std::uint32_t index_of(std::uint64_t data) { return static_cast<std::uint32_t>(data); }

// What a scenario has from the beginning (a listener, a held port) could not be opened: a defect that its loader should
// have refused, and the replay must not go on as if it were there. Throws std::runtime_error then.
void require(const Outcome<void>& outcome, const Place& place);

// Whose limit refused an accept() last, until there is room again.
enum class Starved : std::uint8_t { no, by_process, by_host };

struct RunningProcess {
  std::uint32_t instance;  // of the network
  std::size_t process;     // position in the host's configuration
  ProcessId id{};
  bool alive = true;
  Starved starved = Starved::no;
  std::uint64_t accepted = 0;
  std::uint64_t open = 0;  // of those
  std::uint64_t refused_accepts = 0;
  std::uint64_t peak_before = 0;           // of descriptors, before its host went down
  std::vector<std::uint32_t> listeners{};  // of the server programs
};

class RunningProcesses {
 public:
  explicit RunningProcesses(Network& network) : network_(network) {}

  // The instances of one process of the configuration were started: their program opens what it needs.
  using Started = std::function<void(std::size_t process, const std::vector<std::uint32_t>& numbers)>;
  // Starts all processes of a host, in the order of its configuration, and then what programs outside the scenario have
  // there. Requires: none of them runs.
  void start(std::uint32_t instance, const Started& started);
  // The host went down: its processes are gone, their counts are kept. Returns how many accepted connections went.
  std::uint64_t forget(std::uint32_t instance);

  RunningProcess& operator[](std::uint32_t number) { return processes_[number]; }
  const RunningProcess& operator[](std::uint32_t number) const { return processes_[number]; }
  // Which one this is of the host's.
  std::uint32_t number_of(std::uint32_t instance, std::size_t process, std::uint64_t process_instance) const;
  ProcessId id_of(std::uint32_t instance, std::size_t process, std::uint64_t process_instance) const {
    return processes_[number_of(instance, process, process_instance)].id;
  }
  const HostGroup& group_of(const RunningProcess& process) const { return *network_.instance(process.instance).group; }
  const Process& configuration(const RunningProcess& process) const {
    return group_of(process).processes[process.process];
  }
  Place place_of(const RunningProcess& process) const;

  // Called for a process that starved when there is room for it again.
  void on_room(std::function<void(std::uint32_t number)> told) { on_room_ = std::move(told); }
  void starve(std::uint32_t number, Limit limit);
  // A descriptor of the process was closed, by whichever half of its program: a server that starved on this limit, or
  // on the host's, looks at its queues again.
  bool any_starved() const { return starved_ > 0; }
  void descriptor_freed(std::uint32_t number);
  // The first one, from this number on, that is not known to lack a descriptor of its own.
  std::uint32_t next_to_ask(std::uint32_t number) const;

  void write(RunResult& result, Meters& meters) const;

 private:
  void hold_what_is_there(std::uint32_t instance, bool first_start);

  void feed(std::uint32_t number);
  void no_longer_starved(std::uint32_t number);
  void add_to_full(std::uint32_t number);
  void take_from_full(std::uint32_t number);

  Network& network_;
  std::function<void(std::uint32_t)> on_room_;
  std::size_t starved_ = 0;                  // how many are
  std::set<std::uint32_t> starved_by_host_;  // these of them
  // The others: each from a number on until just before another, so that a million of them are passed over at once.
  std::map<std::uint32_t, std::uint32_t> full_;
  // Those of one host side by side, from HostInstance::first_process on.
  std::vector<RunningProcess> processes_;
};

}  // namespace netlimits::sim
