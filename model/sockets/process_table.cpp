// Who has which descriptor, and how many files are open on the host.
#include "model/sockets/process_table.hpp"

#include <algorithm>
#include <functional>

#include <boost/assert.hpp>

#include "model/systems/rule_book.hpp"
#include "model/systems/rules.hpp"

namespace netlimits {

ProcessId ProcessTable::add(ProcessConfig config) {
  const std::uint32_t own = config.own_descriptors;
  open_file(own);
  DescriptorTable descriptors(config.nofile, own);
  processes_.push_back({std::move(config), std::move(descriptors), true});
  return {static_cast<std::uint32_t>(processes_.size() - 1)};
}

std::optional<Refusal> ProcessTable::refusal(ProcessId process, const Settings& settings, const Rules& rules) const {
  BOOST_ASSERT_MSG(process.value < processes_.size(), "ProcessTable::refusal: the process is known");
  const bool process_full = rules.has(Rule::descriptors_process) && processes_[process.value].descriptors.full();
  const bool host_full = open_files_ >= settings.file_max;
  if (!process_full && !host_full) return std::nullopt;
  if (process_full && !(host_full && rules.has(Rule::descriptors_host_first)))
    return Refusal{rules.descriptors_exhausted, Limit::fd_per_process, Rule::descriptors_process};
  return Refusal{rules.files_exhausted, Limit::fd_per_host, Rule::descriptors_host};
}

void ProcessTable::open_file(std::uint64_t count) {
  open_files_ += count;
  peak_files_ = std::max(peak_files_, open_files_);
}

void ProcessTable::take(SocketRecord& socket, ProcessId process) {
  BOOST_ASSERT_MSG(alive(process) && !socket.descriptor, "ProcessTable::take: a live process, a socket without one");
  socket.process = process.value;
  socket.descriptor = true;
  socket.descriptor_number = processes_[process.value].descriptors.open();
  open_file();
}

Outcome<void> ProcessTable::share(SocketIndex socket, ProcessId by, const Settings& settings, const Rules& rules) {
  if (const auto refused = refusal(by, settings, rules); refused && refused->limit == Limit::fd_per_process)
    return tl::unexpected(*refused);
  shared_.push_back({socket, by.value, processes_[by.value].descriptors.open()});
  return {};
}

bool ProcessTable::give_up(SocketTable& sockets, SocketIndex socket, ProcessId process) {
  SocketRecord& record = sockets[socket];
  BOOST_ASSERT_MSG(record.descriptor && process.value < processes_.size(), "ProcessTable::give_up: there is one");
  DescriptorTable& descriptors = processes_[process.value].descriptors;
  const auto other =
      std::find_if(shared_.begin(), shared_.end(), [&](const Shared& held) { return held.socket == socket; });
  if (other == shared_.end()) {
    descriptors.close(record.descriptor_number);
    --open_files_;
    record.descriptor = false;
    return true;
  }
  const auto own = std::find_if(shared_.begin(), shared_.end(), [&](const Shared& held) {
    return held.socket == socket && held.process == process.value;
  });
  if (own != shared_.end()) {
    descriptors.close(own->number);
    shared_.erase(own);
  } else {
    descriptors.close(record.descriptor_number);
    record.process = other->process;
    record.descriptor_number = other->number;
    shared_.erase(other);
  }
  return false;
}

bool ProcessTable::shared(SocketIndex socket) const {
  return std::any_of(shared_.begin(), shared_.end(), [&](const Shared& held) { return held.socket == socket; });
}

std::uint64_t ProcessTable::open_files(ProcessId process, std::uint64_t count, const Settings& settings,
                                       const Rules& rules) {
  BOOST_ASSERT_MSG(process.value < processes_.size(), "ProcessTable::open_files: the process is known");
  if (!alive(process)) return 0;
  DescriptorTable& descriptors = processes_[process.value].descriptors;
  std::uint64_t opened =
      std::min(count, settings.file_max > open_files_ ? settings.file_max - open_files_ : std::uint64_t{0});
  if (rules.has(Rule::descriptors_process)) opened = std::min(opened, descriptors.free());
  descriptors.open_files(opened);
  open_file(opened);
  return opened;
}

void ProcessTable::close_files(ProcessId process, std::uint64_t count) {
  BOOST_ASSERT_MSG(process.value < processes_.size(), "ProcessTable::close_files: the process is known");
  open_files_ -= processes_[process.value].descriptors.close_files(count);
}

// What a process leaves open is closed from the highest descriptor down: the files are let go in the order of their
// numbers, and the kernel then works off the last of them first (fs/file.c close_files, fs/file_table.c fput,
// kernel/task_work.c; measured on 6.18: of a connection within one process the end with the higher number closes
// first).
std::vector<std::pair<std::uint32_t, SocketIndex>> ProcessTable::descriptors_of(const SocketTable& sockets,
                                                                                ProcessId process) const {
  std::vector<std::pair<std::uint32_t, SocketIndex>> own;
  for (SocketIndex index = 0; index < sockets.used(); ++index) {
    const SocketRecord& record = sockets[index];
    if (record.is_live() && record.descriptor && record.process == process.value)
      own.emplace_back(record.descriptor_number, index);
  }
  for (const Shared& held : shared_)
    if (held.process == process.value) own.emplace_back(held.number, held.socket);
  std::sort(own.begin(), own.end(), std::greater<>());
  return own;
}

void ProcessTable::end(ProcessId process) {
  BOOST_ASSERT_MSG(alive(process), "ProcessTable::end: the process is alive");
  Process& ended = processes_[process.value];
  open_files_ -= ended.descriptors.in_use();
  ended.descriptors.close_all();
  ended.alive = false;
}

void ProcessTable::end_all() {
  shared_.clear();
  open_files_ = 0;
  for (Process& process : processes_) {
    process.descriptors.close_all();
    process.alive = false;
  }
}

DescriptorUse ProcessTable::use(ProcessId process) const {
  BOOST_ASSERT_MSG(process.value < processes_.size(), "ProcessTable::use: the process is known");
  const DescriptorTable& table = processes_[process.value].descriptors;
  return {table.in_use(), table.peak(), table.limit()};
}

}  // namespace netlimits
