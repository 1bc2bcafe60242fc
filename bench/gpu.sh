#!/usr/bin/env bash
# Speed on an NVIDIA GPU beside PyTorch CUDA (bench/gpu.ts; docs/engines.md): finds Node, PyTorch, CUDA's libraries and the Vulkan driver, measures, and ends in under 8 minutes.
#   gpu.sh [--smoke] [--out DIR] [--seconds N]   from a clone with its npm packages, or from what `node bench/gpu-pack.mjs` made
# --seconds: of all of it, PyTorch's start included (430).
# Results: DIR/gpu.md and DIR/gpu.json; DIR is by default $OUT, else gpu-results.
# VOXEL_LOOP_PYTHON: a Python with PyTorch. VOXEL_LOOP_CUDA: a folder with ONNX Runtime's libonnxruntime_providers_cuda.so of the same version (else the Python's onnxruntime-gpu is looked into).
set -uo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

arguments=()
out=${OUT:-gpu-results}
seconds=430
while (($# > 0)); do
  case $1 in
    --out) out=${2:?--out takes a folder}; shift ;;
    --out=*) out=${1#*=} ;;
    --seconds) seconds=${2:?--seconds takes a number}; shift ;;
    --seconds=*) seconds=${1#*=} ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
# SECONDS is Bash's: since this script began.
left() { echo $((seconds - SECONDS > 1 ? seconds - SECONDS : 1)); }

has_library() { PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q "^[[:space:]]*$1 "; }

find_python() {
  local each
  for each in ${VOXEL_LOOP_PYTHON:-} python3 python; do
    # A first import can take minutes.
    timeout -k 1 "$(left)" "$each" -c 'import torch' 2>/dev/null && { echo "$each"; return; }
  done
  echo python3
}
python=$(find_python)
export VOXEL_LOOP_PYTHON=$python
packages=$("$python" -c 'import site, sys; print("\n".join([*site.getsitepackages(), site.getusersitepackages()]))' 2>/dev/null)

libraries=()
# CUDA and cuDNN, as PyTorch's own packages bring them.
while read -r folder; do
  for each in "$folder"/nvidia/*/lib; do [[ -d $each ]] && libraries+=("$each"); done
done <<<"$packages"

# ONNX Runtime loads its CUDA library from where its own lies. In a clone `voxel-loop engines --install-cuda` brings it.
runtime=$root/node_modules/onnxruntime-node/bin/napi-v6/linux/x64
cuda=libonnxruntime_providers_cuda.so
if [[ -e $root/gpu.mjs && ! -e $runtime/$cuda ]]; then
  while read -r folder; do
    [[ -n $folder && -e $folder/$cuda ]] || continue
    for each in $cuda libonnxruntime_providers_shared.so; do ln -sf "$(realpath "$folder/$each")" "$runtime/$each"; done
    break
  done < <(echo "${VOXEL_LOOP_CUDA:-}"; while read -r folder; do echo "$folder/onnxruntime/capi"; done <<<"$packages")
fi

# Vulkan: libraries from the pack, where the system lacks them.
mkdir "$work/lib"
for each in "$root"/vulkan/*; do
  name=$(basename "$each")
  [[ -e $each ]] && ! has_library "$name" && ln -s "$each" "$work/lib/$name"
done
libraries+=("$work/lib")

# Only NVIDIA's driver: WebGPU must not take another, slower one without a word.
if command -v nvidia-smi >/dev/null && [[ -z ${VK_ICD_FILENAMES:-} ]]; then
  for each in /usr/share/vulkan/icd.d/nvidia_icd*.json /etc/vulkan/icd.d/nvidia_icd*.json; do
    [[ -e $each ]] && export VK_ICD_FILENAMES=$each
  done
  if [[ -z ${VK_ICD_FILENAMES:-} ]]; then
    # A container is often given the driver without the file that names it. Without X11's libraries the one for EGL serves as well.
    driver=libEGL_nvidia.so.0
    has_library libGLX_nvidia.so.0 && has_library libX11.so.6 && driver=libGLX_nvidia.so.0
    printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}\n' "$driver" >"$work/nvidia_icd.json"
    export VK_ICD_FILENAMES=$work/nvidia_icd.json
  fi
fi

joined=$(IFS=:; echo "${libraries[*]}")
export LD_LIBRARY_PATH=$joined${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

if [[ -e $root/gpu.mjs ]]; then
  command=("$root/node" gpu.mjs)
else
  command=(node bench/run.mjs gpu)
fi
# bench/gpu.ts keeps to its own time; this is for the case that it hangs.
time=$(left)
timeout -k 10 $((time + 35)) "${command[@]}" "${arguments[@]}" --out "$out" --seconds "$time"
