"""What a bundle leaves out of the packages that it is made of, and why.

A name in `MODULES` is a Python module that is not taken along; one in `FILES` is a part of the path
of a file that is not. `tests/packaging/test_bundling.py` runs what is needed without them.
"""

MODULES = {
    "openvino_telemetry": "sends usage; it is off in a checkout, and absent here",
    # of NNCF: imported for tables and plots that quantization does not make
    "sklearn": "one clustering in nncf.common for codebooks, imported where it is used",
    "joblib": "of sklearn",
    "narwhals": "of sklearn",
    "threadpoolctl": "of sklearn",
    "matplotlib": "charts of frameworks",
    "pandas": "tables of frameworks",
    # other frameworks that NNCF and OpenVINO know
    "torch": "another framework",
    "tensorflow": "another framework",
    "onnx": "another framework; OpenVINO reads ONNX by itself",
    "onnxruntime": "another framework",
    "jax": "another framework",
    "nncf.torch": "another framework",
    "nncf.onnx": "another framework",
    "openvino.torch": "another framework",
    "openvino.tools": "converters of the command line",
    "openvino.frontend.pytorch": "another framework",
    "openvino.frontend.jax": "another framework",
    # desktop and development
    "curses": "a terminal's screen",
    "readline": "a shell",
    "tkinter": "another toolkit",
    "PyQt5": "another toolkit",
    "PyQt6": "another toolkit",
    "PySide2": "another toolkit",
    "pyqtgraph.examples": "examples",
    "pyqtgraph.opengl": "needs OpenGL for Python",
    "OpenGL": "of pyqtgraph.opengl",
    "IPython": "a shell",
    "PIL": "images are read by OpenCV",
    "setuptools": "builds packages",
    "pip": "installs packages",
    "wheel": "builds packages",
    "pkg_resources": "of setuptools",
    "lib2to3": "development",
    "pydoc_data": "development",
    "idlelib": "development",
    "PySide6.QtQml": "Qt that nothing uses",
    "PySide6.QtQuick": "Qt that nothing uses",
}

FILES = (
    "/__pycache__/",  # what Python compiled names the folder that it was built in
    # Qt that nothing uses
    "Qt6Qml",
    "Qt6Quick",
    "Qt6VirtualKeyboard",
    "Qt6Pdf",
    "Qt6EglFS",
    "Qt6EglFs",
    "/QtQml",
    "/QtQuick",
    "/QtVirtualKeyboard",
    "/QtPdf",
    "opengl32sw.dll",
    "qtvirtualkeyboard",
    "plugins/egldeviceintegrations",
    "plugins/generic/",  # input without a desktop
    "platforms/libqminimal",
    "platforms/libqlinuxfb",
    "platforms/libqeglfs",
    "platforms/libqvnc",
    "platforms/libqvkkhr",
    "/translations/",
    # GTK of the machine that builds: a theme plugin brings it along
    "platformthemes/libqgtk3",
    "libgtk-3",
    "libgdk-3",
    "libgdk_pixbuf",
    "libatk",
    "libatspi",
    "libpango",
    "libcairo",
    "libepoxy",
    "libpixman",
    "libthai",
    "libdatrie",
    "libfribidi",
    "libXcomposite",
    "libXcursor",
    "libXdamage",
    "libXinerama",
    "libXrandr",
    # OpenVINO's frontends of other frameworks and its C interface
    "openvino_pytorch_frontend",
    "openvino_jax_frontend",
    "openvino_gguf_frontend",
    "openvino_c.",
    "tbbmalloc_proxy",
)

ENDINGS = (".pyi", ".h", ".hpp", ".cmake", ".pc", ".lib")
RECORDS = ("direct_url.json", "INSTALLER", "REQUESTED")  # of one installation

PYTHONS_OWN = (
    "libpython",
    "libssl.",
    "libcrypto.",
    "libsqlite3.",
    "libffi.",
    "libbz2.",
    "liblzma.",
    "libz.",
)
"""Of the libraries of the Linux that builds, those that go into the bundle: Python links them, and
their versions differ from system to system. All others are the system's: the package asks for
them, and a driver that the system loads into us finds those that it was made for."""


def is_wanted(path: str, source: str = "") -> bool:
    """Whether a file of this path in the bundle, which is taken from `source`, goes into it."""
    path = path.replace("\\", "/")
    name = path.rsplit("/", 1)[-1]
    if source.startswith(("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")) and ".so" in name:
        return "lib-dynload/" in path or name.startswith(PYTHONS_OWN)
    if ".dist-info/" in path and name in RECORDS:
        return False
    return not path.endswith(ENDINGS) and not any(part in f"/{path}" for part in FILES)
