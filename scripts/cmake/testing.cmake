# token_test(<path>_test.cc DEPS <target>... [LABELS <label>...] [TIMEOUT <seconds>])
# One GoogleTest program per file; each of its tests is a ctest test. Label "grpc" marks programs that run gRPC:
# Debian's gRPC is not instrumented, so ThreadSanitizer leaves them out. Target token_tests is all of them.
include(GoogleTest)
add_custom_target(token_tests)
if(TOKENS_SANITIZE MATCHES "thread")
  set(TEST_SANITIZER_OPTIONS "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/scripts/tsan/suppressions.txt")
else()
  set(TEST_SANITIZER_OPTIONS
    "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/scripts/asan/leaks.txt:print_suppressions=0")
endif()
function(token_test path)
  cmake_parse_arguments(arg "" "TIMEOUT" "DEPS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  string(REGEX REPLACE "\\.cc$" "" name "${path}")
  string(REPLACE "/" "." name "${name}")
  add_executable(${name} "${path}")
  target_link_libraries(${name} PRIVATE tokens_options ${arg_DEPS} GTest::gmock GTest::gtest_main)
  if(TOKENS_SANITIZE MATCHES "thread" AND "grpc" IN_LIST arg_LABELS)
    return()
  endif()
  add_dependencies(token_tests ${name})
  gtest_discover_tests(${name} NO_PRETTY_VALUES TEST_PREFIX "${name}:" DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
      ENVIRONMENT "${TEST_SANITIZER_OPTIONS}")
endfunction()
