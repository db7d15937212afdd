' Windows: double-click to open Detection Workbench.
' The first time installs it, in a console that stays open only when something went wrong.
' Every later time shows no console at all.
Option Explicit
Dim shell, files, checkout, launch, windowed
Set shell = CreateObject("WScript.Shell")
Set files = CreateObject("Scripting.FileSystemObject")
checkout = files.GetParentFolderName(files.GetParentFolderName(WScript.ScriptFullName))
launch = Quoted(files.BuildPath(checkout, "packaging\launch.py"))
windowed = files.BuildPath(checkout, ".venv\Scripts\pythonw.exe")

' launch.py itself knows whether anything is left to install; this only decides on the console.
If Not files.FileExists(files.BuildPath(checkout, ".venv\detection-workbench.stamp")) Then
    If shell.Run("cmd /c py -3 " & launch & " setup || (pause & exit /b 1)", 1, True) <> 0 Then
        WScript.Quit 1
    End If
End If
shell.Run Quoted(windowed) & " " & launch, 0, False

Function Quoted(text)
    Quoted = """" & text & """"
End Function
