// The processes of one host, their descriptors, and the host's table of open files.
//
// Two limits: RLIMIT_NOFILE bounds the descriptors of a process (EMFILE), fs.file-max the open files of the host
// (ENFILE). A socket that several processes share has a descriptor in each of them and is one open file.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "model/sockets/descriptor_table.hpp"
#include "model/sockets/host_config.hpp"
#include "model/sockets/socket_table.hpp"
#include "model/sockets/socket_view.hpp"
#include "model/systems/refusal.hpp"
#include "model/systems/rules.hpp"

namespace netlimits {

class ProcessTable {
 public:
  ProcessId add(ProcessConfig config);
  bool alive(ProcessId process) const { return process.value < processes_.size() && processes_[process.value].alive; }
  std::uint32_t uid_of(const SocketRecord& record) const { return processes_[record.process].config.uid; }
  bool privileged(const SocketRecord& record) const { return processes_[record.process].config.privileged; }

  // Would one more descriptor for one more open file be refused now, and with what? EMFILE before ENFILE (fs/file.c
  // alloc_fd is asked first; fs/file_table.c alloc_empty_file then); macOS asks the other way round. Requires: alive.
  std::optional<Refusal> refusal(ProcessId process, const Settings& settings, const Rules& rules) const;
  // Takes the lowest free descriptor of the process, and an open file, for a socket that has none. Requires: no
  // refusal.
  void take(SocketRecord& socket, ProcessId process);
  // A second process gets a descriptor for a socket that is open already: only EMFILE stands against it.
  Outcome<void> share(SocketIndex socket, ProcessId by, const Settings& settings, const Rules& rules);
  // Gives up the descriptor that the process has for the socket. Was it the last one? Then the file is closed, and what
  // becomes of the socket is its protocol's affair. Requires: the process has one.
  bool give_up(SocketTable& sockets, SocketIndex socket, ProcessId process);
  bool shared(SocketIndex socket) const;

  // Descriptors that nobody asks for by number. How many of `count` were opened before the first refusal.
  std::uint64_t open_files(ProcessId process, std::uint64_t count, const Settings& settings, const Rules& rules);
  void close_files(ProcessId process, std::uint64_t count);

  // A process's sockets with their numbers, the highest first: the order of closing at exit.
  std::vector<std::pair<std::uint32_t, SocketIndex>> descriptors_of(const SocketTable& sockets,
                                                                    ProcessId process) const;
  // The process is over, and so are the descriptors that it still has. Requires: none of them is a socket's.
  void end(ProcessId process);
  void end_all();  // without closing anything: the host loses power

  DescriptorUse use(ProcessId process) const;
  DescriptorUse files(const Settings& settings) const { return {open_files_, peak_files_, settings.file_max}; }

 private:
  struct Process {
    ProcessConfig config;
    DescriptorTable descriptors;
    bool alive = true;
  };
  struct Shared {  // a descriptor beside the one of SocketRecord::process
    SocketIndex socket;
    std::uint32_t process;
    std::uint32_t number;
  };
  void open_file(std::uint64_t count = 1);

  std::vector<Process> processes_;
  std::vector<Shared> shared_;
  std::uint64_t open_files_ = 0;
  std::uint64_t peak_files_ = 0;
};

}  // namespace netlimits
