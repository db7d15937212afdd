; The installer for Windows; packaging/bundling/for_windows.py says what TREE and the others are.
; For one user, without an administrator. /S installs and removes silently, /D=FOLDER into a folder.
Target amd64-unicode ; it does not start on a Windows of 32 bits
!include MUI2.nsh
!include WinVer.nsh
!include FileFunc.nsh

!define TITLE "Detection Workbench"
!define PROGRAM "detection-workbench"
!define KEY "Software\DetectionWorkbench"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\DetectionWorkbench"
!define FILE_TYPE "DetectionWorkbench.Project"
; Windows 10 and 11 have this folder of each user on PATH.
!define COMMAND "$LOCALAPPDATA\Microsoft\WindowsApps\${PROGRAM}.cmd"

Name "${TITLE}"
OutFile "${OUTPUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "${KEY}" "InstallDir"
SetCompressor /SOLID lzma
SetCompressorDictSize 64
ManifestDPIAware true
ManifestSupportedOS all
VIProductVersion "${VERSION}.0"
VIAddVersionKey ProductName "${TITLE}"
VIAddVersionKey ProductVersion "${VERSION}"
VIAddVersionKey FileVersion "${VERSION}"
VIAddVersionKey FileDescription "Installs ${TITLE} ${VERSION}"
VIAddVersionKey LegalCopyright "Detection Workbench contributors; Apache-2.0"

!define MUI_ABORTWARNING
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}-window.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Start ${TITLE}"
!insertmacro MUI_PAGE_LICENSE "${TREE}\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

!macro RemoveProgram
  SetOutPath "$TEMP" ; a folder that is the current one cannot be removed
  !include "${REMOVALS}"
  Delete "$INSTDIR\uninstall.exe"
!macroend

; A program that runs keeps its file: then nothing is touched.
!macro RequireClosed
  ClearErrors
  IfFileExists "$INSTDIR\${PROGRAM}-window.exe" 0 +8
  Rename "$INSTDIR\${PROGRAM}-window.exe" "$INSTDIR\${PROGRAM}-window.old"
  IfErrors 0 +4
  MessageBox MB_OK|MB_ICONSTOP "${TITLE} is still running. Close it, and start this again." /SD IDOK
  SetErrorLevel 2
  Abort
  Rename "$INSTDIR\${PROGRAM}-window.old" "$INSTDIR\${PROGRAM}-window.exe"
!macroend

Function .onInit
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "${TITLE} needs Windows 10 or newer." /SD IDOK
    SetErrorLevel 2
    Abort
  ${EndIf}
FunctionEnd

Section
  !insertmacro RequireClosed
  ; Of an older version nothing may stay beside this one.
  IfFileExists "$INSTDIR\uninstall.exe" 0 +2
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${TREE}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${TITLE}.lnk" "$INSTDIR\${PROGRAM}-window.exe"
  CreateDirectory "$LOCALAPPDATA\Microsoft\WindowsApps"
  FileOpen $0 "${COMMAND}" w
  FileWrite $0 '@"$INSTDIR\${PROGRAM}.exe" %*$\r$\n'
  FileClose $0
  WriteRegStr HKCU "${KEY}" "InstallDir" "$INSTDIR"
  ; .dwproject is ours. Model files of others are offered under "Open with".
  WriteRegStr HKCU "Software\Classes\.dwproject" "" "${FILE_TYPE}"
  WriteRegStr HKCU "Software\Classes\${FILE_TYPE}" "" "${TITLE} project"
  WriteRegStr HKCU "Software\Classes\${FILE_TYPE}\DefaultIcon" "" "$INSTDIR\${PROGRAM}-window.exe,0"
  WriteRegStr HKCU "Software\Classes\${FILE_TYPE}\shell\open\command" "" \
    '"$INSTDIR\${PROGRAM}-window.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\Applications\${PROGRAM}-window.exe" "FriendlyAppName" "${TITLE}"
  WriteRegStr HKCU "Software\Classes\Applications\${PROGRAM}-window.exe\shell\open\command" "" \
    '"$INSTDIR\${PROGRAM}-window.exe" "%1"'
  WriteRegStr HKCU "Software\Classes\Applications\${PROGRAM}-window.exe\SupportedTypes" ".onnx" ""
  WriteRegStr HKCU "Software\Classes\Applications\${PROGRAM}-window.exe\SupportedTypes" ".tflite" ""
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${TITLE}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${PROGRAM}-window.exe,0"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Detection Workbench contributors"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  ${RefreshShellIcons}
SectionEnd

Section Uninstall
  !insertmacro RequireClosed
  !insertmacro RemoveProgram
  RMDir "$INSTDIR" ; only if nothing else lies there
  Delete "$SMPROGRAMS\${TITLE}.lnk"
  Delete "${COMMAND}"
  DeleteRegKey HKCU "Software\Classes\.dwproject"
  DeleteRegKey HKCU "Software\Classes\${FILE_TYPE}"
  DeleteRegKey HKCU "Software\Classes\Applications\${PROGRAM}-window.exe"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${KEY}"
  ${RefreshShellIcons}
  DetailPrint "Your projects stay in $LOCALAPPDATA\detection-workbench."
  MessageBox MB_OK|MB_ICONINFORMATION \
    "Removed. Your projects stay in $LOCALAPPDATA\detection-workbench." /SD IDOK
SectionEnd
