// Leader is process 1 of the sandbox, which makes namespaces and processes on request; below it the caller's side,
// which keeps worlds of one shape for the next script.
#include "live/calls/script_world.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "live/sandbox/child_process.hpp"
#include "live/sandbox/host_settings.hpp"
#include "live/sandbox/interrupt.hpp"
#include "live/sandbox/links.hpp"
#include "live/sandbox/network_namespace.hpp"
#include "live/sandbox/sysctl.hpp"

namespace netlimits::live {

enum class LeaderCall : std::uint8_t {
  make_wire,  // number = the wire
  make_host,  // number = the wire or -1; text = lines "address BLOCK" and "device NAME"; the answer is the host's
              // number
  drop_host,  // number = the host
  spawn,      // number = the host; channel = the new process's own
};

struct LeaderQuestion {
  LeaderCall call{};
  int number = -1;
  std::size_t channel = 0;
  std::array<char, 8192> text{};
};

struct LeaderAnswer {
  bool worked = true;
  int number = -1;
  std::array<char, 512> why{};
};

namespace {

constexpr std::size_t channel_count = 96;
constexpr std::size_t worlds_kept = 8;
constexpr auto leader_patience = std::chrono::seconds(30);

std::string wire_name(int wire) { return "wire" + std::to_string(wire); }

// Process 1 of the sandbox: makes hosts and processes on demand, and makes no call of any script itself.
class Leader {
 public:
  Leader(SharedArray<WorkerChannel>& channels, WorkerBatch& batch, int sandbox) : channels_(channels), batch_(batch) {
    stay_on_one_cpu(sandbox);
    // A table of its own for each namespace: small enough to be walked between two scripts. Kernels before 6.1 share
    // one.
    (void)write_sysctl("net.ipv4.tcp_child_ehash_entries", "4096");
  }

  LeaderAnswer serve(const LeaderQuestion& question) {
    LeaderAnswer answer;
    answer.number = question.number;
    SystemResult<void> done;
    switch (question.call) {
      case LeaderCall::make_wire:
        done = make_bridge(wire_name(question.number));
        break;
      case LeaderCall::make_host:
        done = make_host(question, answer.number);
        break;
      case LeaderCall::drop_host:
        hosts_.erase(question.number);
        break;
      case LeaderCall::spawn:
        done = spawn_worker(question);
        break;
    }
    answer.worked = done.has_value();
    if (!done) done.error().text().copy(answer.why.data(), answer.why.size() - 1);
    return answer;
  }

 private:
  // The processes inherit it. A packet over loopback or a virtual wire is then taken in before the call that sent it
  // returns; on two processors an acknowledgement can overtake the FIN behind it, and one run in a hundred differs.
  static void stay_on_one_cpu(int sandbox) {
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    const int count = CPU_COUNT(&allowed);
    int skip = count > 0 ? sandbox % count : 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (!CPU_ISSET(cpu, &allowed) || skip-- > 0) continue;
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      ::sched_setaffinity(0, sizeof one, &one);
      return;
    }
  }

  struct Host {
    NetworkNamespace place;
    std::vector<ChildProcess> workers;
  };

  SystemResult<void> make_host(const LeaderQuestion& question, int& number) {
    auto place = NetworkNamespace::create();
    if (!place) return tl::unexpected(place.error());
    number = next_host_++;
    std::string link = "lo";
    if (question.number >= 0) {
      link = "eth0";
      const std::string here = "port" + std::to_string(number);
      if (auto laid = lay_cable(here, *place, link); !laid) return laid;
      if (auto put = put_into_bridge(here, wire_name(question.number)); !put) return put;
    }
    auto furnished = furnish(*place, question.text.data(), link, number);
    if (furnished) hosts_.emplace(number, Host{std::move(*place), {}});
    return furnished;
  }

  static SystemResult<void> furnish(const NetworkNamespace& place, std::string_view wishes, const std::string& link,
                                    int number) {
    auto home = NetworkNamespace::current();
    if (!home) return tl::unexpected(home.error());
    auto visit = Visit::to(place);
    if (!visit) return tl::unexpected(visit.error());
    if (auto settled = apply_settings(Settings{}); !settled) return settled;
    int devices = 0;
    while (!wishes.empty()) {
      const std::string_view line = wishes.substr(0, wishes.find('\n'));
      wishes.remove_prefix(line.size() + 1);
      const std::string what(line.substr(line.find(' ') + 1));
      SystemResult<void> done;
      if (line.starts_with("device")) {
        done = lay_cable(what, *home, "dev" + std::to_string(number) + "x" + std::to_string(devices++));
      } else if (const auto block = AddressBlock::parse(what); block && !block->address.is_loopback()) {
        done = add_address(link, *block);
      }
      if (!done) return done;
    }
    return {};
  }

  SystemResult<void> spawn_worker(const LeaderQuestion& question) {
    const auto host = hosts_.find(question.number);
    if (host == hosts_.end()) return tl::unexpected(SystemFailure{"no such host", 0});
    WorkerChannel& channel = channels_[question.channel];
    auto worker = spawn(host->second.place, [&channel, this]() -> int { serve_script_calls(channel, batch_); });
    if (!worker) return tl::unexpected(worker.error());
    host->second.workers.push_back(std::move(*worker));
    return {};
  }

  SharedArray<WorkerChannel>& channels_;
  WorkerBatch& batch_;
  std::map<int, Host> hosts_;
  int next_host_ = 0;
};

std::string wishes_of(const ScriptHost& host) {
  std::string wishes;
  for (const std::string& address : host.addresses) wishes += "address " + address + "\n";
  for (const std::string& device : host.devices) wishes += "device " + device + "\n";
  return wishes;
}

std::string shape_of(const Script& script) {
  std::string shape;
  for (const auto& [name, host] : script.hosts) shape += "host\n" + wishes_of(host);
  return shape;
}

}  // namespace

struct ScriptWorlds::Shared {
  Shared(SharedArray<CallChannel<LeaderQuestion, LeaderAnswer>> leader_channel,
         SharedArray<WorkerChannel> worker_channels, SharedArray<WorkerBatch> one_batch, SharedArray<unsigned> ids)
      : leader(std::move(leader_channel)),
        channels(std::move(worker_channels)),
        batch(std::move(one_batch)),
        user_ids(std::move(ids)) {}
  SharedArray<CallChannel<LeaderQuestion, LeaderAnswer>> leader;
  SharedArray<WorkerChannel> channels;
  SharedArray<WorkerBatch> batch;  // one for all processes: one of them is asked at a time
  SharedArray<unsigned> user_ids;
};

ScriptWorlds::ScriptWorlds() = default;
ScriptWorlds::ScriptWorlds(ScriptWorlds&&) noexcept = default;
ScriptWorlds& ScriptWorlds::operator=(ScriptWorlds&&) noexcept = default;
ScriptWorlds::~ScriptWorlds() = default;

tl::expected<ScriptWorlds, Unavailable> ScriptWorlds::start() {
  auto leader = SharedArray<CallChannel<LeaderQuestion, LeaderAnswer>>::of(1);
  auto channels = SharedArray<WorkerChannel>::of(channel_count);
  auto batch = SharedArray<WorkerBatch>::of(1);
  auto user_ids = SharedArray<unsigned>::of(1);
  if (!leader || !channels || !batch || !user_ids)
    return tl::unexpected(Unavailable{"no shared memory for the sandbox"});
  ScriptWorlds worlds;
  worlds.shared_ =
      std::make_unique<Shared>(std::move(*leader), std::move(*channels), std::move(*batch), std::move(*user_ids));
  for (std::size_t channel = channel_count; channel-- > 0;) worlds.free_channels_.push_back(channel);
  Shared& shared = *worlds.shared_;
  static int started = 0;  // several sandboxes of one program spread over the processors
  auto sandbox = Sandbox::start([&shared, number = started++](const SandboxFacts& facts) -> int {
    shared.user_ids[0] = facts.user_ids;
    Leader serving(shared.channels, shared.batch[0], number);
    for (;;) shared.leader[0].serve_one([&](const LeaderQuestion& question) { return serving.serve(question); });
  });
  if (!sandbox) return tl::unexpected(sandbox.error());
  worlds.sandbox_ = std::move(*sandbox);
  // The answer proves that the leader has come as far as its loop.
  if (auto ready = worlds.ask_leader({LeaderCall::drop_host, -1, 0, {}}); !ready)
    return tl::unexpected(Unavailable{ready.error().text()});
  return worlds;
}

unsigned ScriptWorlds::user_ids() const { return shared_->user_ids[0]; }

SystemResult<int> ScriptWorlds::ask_leader(const LeaderQuestion& question) {
  LeaderAnswer answer;
  if (!shared_->leader[0].ask(question, answer, leader_patience, &interrupted))
    return tl::unexpected(SystemFailure{"the sandbox does not answer", 0});
  if (!answer.worked) return tl::unexpected(SystemFailure{answer.why.data(), 0});
  return answer.number;
}

std::optional<WorkerAnswer> ScriptWorlds::ask(std::size_t worker, const WorkerQuestion& question) {
  WorkerAnswer answer;
  const auto patience = std::chrono::nanoseconds(question.timeout_ns) + leader_patience;
  shared_->channels[worker].look_before_sleep(!is(question, WorkerErrand::batch));
  if (!shared_->channels[worker].ask(question, answer, patience, &interrupted)) return std::nullopt;
  return answer;
}

std::optional<std::vector<WorkerAnswer>> ScriptWorlds::ask_all(std::size_t worker,
                                                               std::span<const WorkerQuestion> questions) {
  WorkerBatch& batch = shared_->batch[0];
  WorkerQuestion whole;
  whole.what = WorkerErrand::batch;
  whole.first = static_cast<std::int64_t>(questions.size());
  std::copy(questions.begin(), questions.end(), batch.questions.begin());
  for (const WorkerQuestion& question : questions) whole.timeout_ns += question.timeout_ns;
  if (!ask(worker, whole)) return std::nullopt;
  return std::vector<WorkerAnswer>(batch.answers.begin(),
                                   batch.answers.begin() + static_cast<std::ptrdiff_t>(questions.size()));
}

void ScriptWorlds::drop(World& world) {
  for (const WorldHost& host : world.hosts) {
    LeaderQuestion question;
    question.call = LeaderCall::drop_host;
    question.number = host.number;
    (void)ask_leader(question);
    free_channels_.insert(free_channels_.end(), host.workers.begin(), host.workers.end());
  }
  worlds_.remove_if([&](const World& kept) { return &kept == &world; });
}

SystemResult<World*> ScriptWorlds::world_for(const Script& script) {
  const std::string shape = shape_of(script);
  const auto known = std::find_if(worlds_.begin(), worlds_.end(), [&](const World& w) { return w.shape == shape; });
  if (known != worlds_.end()) {
    worlds_.splice(worlds_.begin(), worlds_, known);
  } else {
    while (worlds_.size() >= worlds_kept) drop(worlds_.back());
    int wire = -1;
    LeaderQuestion question;
    if (script.hosts.size() > 1) {
      wire = wires_++;
      question.call = LeaderCall::make_wire;
      question.number = wire;
      if (auto made = ask_leader(question); !made) return tl::unexpected(made.error());
    }
    World world;
    world.shape = shape;
    for (const auto& [name, host] : script.hosts) {
      question.call = LeaderCall::make_host;
      question.number = wire;
      question.text = {};
      const std::string wishes = wishes_of(host);
      if (wishes.size() >= question.text.size()) return tl::unexpected(SystemFailure{"too many addresses", 0});
      wishes.copy(question.text.data(), wishes.size());
      auto made = ask_leader(question);
      if (!made) return tl::unexpected(made.error());
      world.hosts.push_back({*made, {}, {}, {}});
    }
    worlds_.push_front(std::move(world));
  }
  if (auto added = add_workers(worlds_.front(), script); !added) return tl::unexpected(added.error());
  return &worlds_.front();
}

SystemResult<void> ScriptWorlds::add_workers(World& world, const Script& script) {
  std::size_t index = 0;
  for (const auto& [name, wanted] : script.hosts) {
    WorldHost& host = world.hosts[index++];
    const std::size_t count = std::max<std::size_t>(wanted.processes.size(), 1);
    while (host.workers.size() < count) {
      if (free_channels_.empty() && worlds_.size() > 1) drop(worlds_.back());
      if (free_channels_.empty())
        return tl::unexpected(SystemFailure{"more than " + std::to_string(channel_count) + " processes", 0});
      const std::size_t channel = free_channels_.back();
      new (&shared_->channels[channel]) WorkerChannel();
      LeaderQuestion question;
      question.call = LeaderCall::spawn;
      question.number = host.number;
      question.channel = channel;
      if (auto spawned = ask_leader(question); !spawned) return tl::unexpected(spawned.error());
      free_channels_.pop_back();
      host.workers.push_back(channel);
    }
  }
  return {};
}

}  // namespace netlimits::live
