# token_test(<path>_test.cc DEPS <target>... [LABELS <label>...] [TIMEOUT <seconds>])
# One GoogleTest program per file; each of its tests is a ctest test. Label "grpc" marks programs that run gRPC:
# Debian's gRPC is not instrumented, so ThreadSanitizer leaves them out.
include(GoogleTest)
function(token_test path)
  cmake_parse_arguments(arg "" "TIMEOUT" "DEPS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  string(REGEX REPLACE "\\.cc$" "" name "${path}")
  string(REPLACE "/" "." name "${name}")
  add_executable(${name} "${path}")
  target_link_libraries(${name} PRIVATE tokens_options ${arg_DEPS} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${name} TEST_PREFIX "${name}:" DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}"
      ENVIRONMENT "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/scripts/tsan/suppressions.txt")
endfunction()
