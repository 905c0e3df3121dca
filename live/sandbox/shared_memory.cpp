// mmap() for the pages, futex(2) for the waiting.
#include "live/sandbox/shared_memory.hpp"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace netlimits::live {

SystemResult<SharedMemory> SharedMemory::of(std::size_t bytes) {
  void* start = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return system_failure("mmap of shared memory");
  return SharedMemory(static_cast<std::byte*>(start), bytes);
}

SharedMemory::~SharedMemory() {
  if (start_ != nullptr) ::munmap(start_, bytes_);
}

void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds patience) {
  static_assert(sizeof(word) == 4);
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(patience);
  timespec time{};
  time.tv_sec = whole.count();
  time.tv_nsec = (patience - whole).count();
  ::syscall(SYS_futex, &word, FUTEX_WAIT, seen, &time, nullptr, 0);
}

void wake_all(const std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace netlimits::live
