// The hosts of socket scripts in a sandbox: network namespaces with the addresses that a script wants, and processes in
// them that make its calls. Both are kept from script to script, because to make them costs more than most scripts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "live/calls/script_worker.hpp"
#include "live/sandbox/sandbox.hpp"
#include "live/sandbox/shared_memory.hpp"
#include "live/sandbox/unavailable.hpp"
#include "model/script/script.hpp"

namespace netlimits::live {

// One host of a script as it stands: its namespace, the processes that have been made in it, what its settings are now.
struct WorldHost {
  int number = -1;                             // as the sandbox's leader counts
  std::vector<std::size_t> workers;            // channels, the first one also does the namespace's errands
  std::map<std::string, std::string> usual;    // settings that some script changed: what they were before
  std::map<std::string, std::string> current;  // the same ones: what they are now
};

struct World {
  std::string shape;  // addresses and devices of all hosts: scripts of one shape share a world
  std::vector<WorldHost> hosts;
};

struct LeaderQuestion;
struct LeaderAnswer;

class ScriptWorlds {
 public:
  // Requires: one thread, as Sandbox::start does.
  static tl::expected<ScriptWorlds, Unavailable> start();
  ScriptWorlds(ScriptWorlds&&) noexcept;
  ScriptWorlds& operator=(ScriptWorlds&&) noexcept;
  ~ScriptWorlds();

  // A world of the script's shape with a process for each of the script's, clean, in the state in which its last script
  // left its settings. The reference holds until the next call.
  SystemResult<World*> world_for(const Script& script);
  void drop(World& world);

  // Asks a process; nothing when it hangs or has died.
  std::optional<WorkerAnswer> ask(std::size_t worker, const WorkerQuestion& question);
  // Asks it all of them in one exchange; an answer for each. Requires: at most WorkerBatch::most.
  std::optional<std::vector<WorkerAnswer>> ask_all(std::size_t worker, std::span<const WorkerQuestion> questions);

  unsigned user_ids() const;  // how many user ids exist in the sandbox: 1 for an ordinary user

 private:
  struct Shared;
  ScriptWorlds();
  SystemResult<int> ask_leader(const LeaderQuestion& question);
  SystemResult<void> add_workers(World& world, const Script& script);

  // In this order: the sandbox goes first, the memory that it uses last.
  std::unique_ptr<Shared> shared_;
  std::vector<std::size_t> free_channels_;
  std::list<World> worlds_;  // the latest used one first
  int wires_ = 0;
  std::optional<Sandbox> sandbox_;
};

}  // namespace netlimits::live
