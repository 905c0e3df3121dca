// The calls of a script, each a question to one of the processes of a world.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "live/calls/call_batch.hpp"
#include "live/calls/script_world.hpp"
#include "model/script/script_interpreter.hpp"

namespace netlimits::live {

// Requires: what it is made with outlives it; `world` is one of `worlds` for that script.
class KernelCalls final : public SocketCalls {
 public:
  // `batch`: what takes the questions instead of the processes.
  KernelCalls(ScriptWorlds& worlds, World& world, const Script& script, CallBatch* batch = nullptr);

  // A process did not answer: its world is of no further use. Or the batch has no answer.
  bool lost() const { return lost_; }
  // Something was closed or shut down by the script itself: it may have left TIME_WAIT or the like.
  bool closed_something() const { return closed_something_; }

  CallAnswer socket(ProcessSlot process, Family family, SocketType type, bool nonblocking, SocketSlot made) override;
  CallAnswer set_option(SocketSlot socket, const OptionWrite& option) override;
  CallAnswer get_option(SocketSlot socket, std::string_view option) override;
  CallAnswer bind(SocketSlot socket, const Endpoint& local) override;
  CallAnswer listen(SocketSlot socket, std::int64_t backlog) override;
  CallAnswer connect(SocketSlot socket, const Endpoint& remote, Duration timeout) override;
  CallAnswer disconnect(SocketSlot socket) override;
  CallAnswer await(SocketSlot socket, AwaitedEvent event, Duration timeout) override;
  CallAnswer accept(SocketSlot listener, SocketSlot made, Duration timeout) override;
  CallAnswer local_name(SocketSlot socket) override;
  CallAnswer peer_name(SocketSlot socket) override;
  CallAnswer send(SocketSlot socket, std::int64_t bytes, const std::optional<Endpoint>& to, Duration timeout) override;
  CallAnswer receive(SocketSlot socket, Duration timeout) override;
  CallAnswer shutdown(SocketSlot socket, bool read, bool write) override;
  CallAnswer close(SocketSlot socket) override;
  CallAnswer open_files(ProcessSlot process, std::int64_t count) override;
  CallAnswer exit(ProcessSlot process) override;
  CallAnswer sleep(Duration time) override;
  CallAnswer write_sysctl(HostSlot host, std::string_view name, std::string_view value) override;

  PortRange automatic_range(HostSlot host) override;

  // Writes a setting and remembers what it was. 0 or an errno; nothing when the process is gone.
  std::optional<int> change_setting(HostSlot host, const std::string& name, const std::string& value);

 private:
  struct Process {
    HostSlot host;
    std::size_t worker;
  };
  struct Socket {
    ProcessSlot process = 0;
    int descriptor = -1;
    bool nonblocking = false;
  };

  std::optional<WorkerAnswer> ask(std::size_t worker, const WorkerQuestion& question);
  std::optional<WorkerAnswer> ask(SocketSlot socket, const WorkerQuestion& question);

  WorkerQuestion about(SocketSlot socket, Call call) const;

  static CallAnswer told(const std::optional<WorkerAnswer>& answer);

  CallAnswer named(SocketSlot socket, Call call);

  // For a call that may choose a port (`automatic`): the port that getsockname() tells afterwards. It may be one that
  // the socket had before, held or only remembered from an attempt that failed; who follows it takes it only where it
  // has to choose one.
  CallAnswer with_port(SocketSlot socket, const WorkerQuestion& question, bool automatic);

  void keep(SocketSlot slot, ProcessSlot process, int descriptor, bool nonblocking);

  ScriptWorlds& worlds_;
  World& world_;
  CallBatch* batch_;
  std::vector<Process> processes_;
  std::vector<Socket> sockets_;
  std::vector<PortRange> ranges_;
  std::string device_;
  bool lost_ = false;
  bool closed_something_ = false;
};

}  // namespace netlimits::live
